#!/bin/sh
# Make .venv: an environment of this folder's own, with the versions of constraints.txt, the package (editable) and a
# Jupyter kernel that lives inside it. Does nothing where that is done already. Called by `make`; needs a POSIX shell.
#
#   PYTHON=/path/to/python3.12 make lab     chooses the interpreter (only the first time; it then belongs to .venv)
set -u
cd "$(dirname "$0")/.." || exit 1

fail() {
    printf '\nnas_edu set-up: %s\n' "$1" >&2
    exit 1
}

# The stamp holds what the environment was made from, this folder's name included: a moved folder is set up again.
# `cksum` reads the contents, so a git checkout that only touches the files' times costs nothing.
recipe="$(cksum pyproject.toml constraints.txt tools/set_up.sh tools/jupyterlab_overrides.json) $(pwd)"
stamp=.venv/nas_edu_is_set_up
if [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$recipe" ]; then
    exit 0
fi

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

if ! { [ -x .venv/bin/python ] && new_enough .venv/bin/python; }; then
    python=
    found=
    # A stated choice is not replaced by another.
    [ -n "${PYTHON:-}" ] && set -- "$PYTHON" || set -- python3 python python3.13 python3.12 python3.11
    for candidate in "$@"; do
        if new_enough "$candidate"; then
            python=$candidate
            break
        fi
        version="$("$candidate" -c 'import sys; print(sys.version.split()[0])' 2>/dev/null)" || version="not there"
        found="$found, $candidate is $version"
    done
    [ -n "$python" ] || fail "needs Python 3.11 or newer (${found#, }); install one, or name it: PYTHON=/path/to/python3.12 make lab"
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        fail "$python has no venv module; on Debian or Ubuntu: sudo apt install python3-venv"
    echo "nas_edu set-up 1/4: a virtual environment in .venv ($python)"
    "$python" -m venv --clear .venv || fail "'$python -m venv .venv' failed; its message is above"
fi
rm -f "$stamp"

log=.venv/pip.log
pip_install() { .venv/bin/python -m pip install --disable-pip-version-check --log "$log" -c constraints.txt "$@"; }
install() {
    rm -f "$log"
    if [ -t 1 ]; then # a person watches: pip shows what it downloads and how long that will take
        pip_install "$@" && return
    else
        pip_install "$@" >/dev/null 2>&1 && return
        grep -o 'ERROR: .*' "$log" | head -n 5 >&2
    fi
    if grep -q -E 'NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError' "$log"; then
        fail "no network: pip could not reach its package index (set-up needs it once; nothing needs it afterwards)"
    elif grep -q 'No space left' "$log"; then
        fail "the disk is full; the environment takes about 2 GB"
    fi
    fail "pip could not install $*; its message is above, the whole story in $log"
}

# torch alone and first: an exact version, before any other package can ask for a range that a larger build satisfies.
echo "nas_edu set-up 2/4: torch (the largest part; a minute or more)"
install torch
echo "nas_edu set-up 3/4: the other packages and nas_edu itself (a minute or more)"
install -e '.[authoring,cluster,hpo,test]'
# What the build leaves in this folder shadows the installed metadata, and is not refreshed when pyproject.toml changes.
rm -rf nas_edu.egg-info
echo "nas_edu set-up 4/4: a Jupyter kernel, settings and the first data set inside .venv (nothing in your home folder)"
.venv/bin/python -c 'from nas_edu.data import load; load("mnist1d")' || fail "MNIST-1D could not be made; the message is above"
.venv/bin/python -m ipykernel install --sys-prefix --name python3 --display-name "Python (nas_edu)" >/dev/null ||
    fail "the Jupyter kernel could not be registered in .venv; the message is above"
# JupyterLab asks the network for news and updates unless told otherwise, and greets a new user with a question about it.
mkdir -p .venv/share/jupyter/lab/settings && cp tools/jupyterlab_overrides.json .venv/share/jupyter/lab/settings/overrides.json

printf '%s' "$recipe" >"$stamp"
echo "nas_edu set-up: done"
