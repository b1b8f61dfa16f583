"""The difference between two pictures, as JSON for the browser: some hundred bytes where a frame has many thousands."""

from __future__ import annotations

from typing import Any

from nas_edu.draw.picture import Picture

WORTHWHILE = 20  # a splice must save at least so many characters


def whole(picture: Picture) -> dict[str, Any]:
    """Everything that a browser needs to paint the picture from nothing."""
    elements = [[key, e.tag, e.attributes, e.text] for key, e in picture.elements.items()]
    return {"width": picture.width, "height": picture.height, "label": picture.label, "elements": elements}


def patches(old: Picture, new: Picture) -> list[list[Any]] | None:
    """What turns `old` into `new`, in this order; None where it is better to send the whole picture.

    ["label", text]     ["remove", key]     ["add", key, the key it comes before or None, tag, attributes, text]
    ["set", key, attributes, text]     ["splice", key, attribute, characters to keep, what follows them]
    """
    kept = [key for key in new.elements if key in old.elements]
    if [key for key in old.elements if key in new.elements] != kept:
        return None  # painted in another order
    changes: list[list[Any]] = [] if new.label == old.label else [["label", new.label]]
    changes += [["remove", key] for key in old.elements if key not in new.elements]
    for key in kept:
        before, after = old.elements[key], new.elements[key]
        if before is after or before == after:
            continue
        if before.tag != after.tag or before.attributes.keys() - after.attributes.keys():
            return None
        changed = {name: value for name, value in after.attributes.items() if before.attributes.get(name) != value}
        for name in list(changed):
            shared = _shared(before.attributes.get(name, ""), changed[name])
            if shared > WORTHWHILE:
                changes.append(["splice", key, name, shared, changed.pop(name)[shared:]])
        if changed or before.text != after.text:
            changes.append(["set", key, changed, after.text])
    following = None
    for key in reversed(new.elements):  # from the last on, so that what an element comes before is there already
        if key not in old.elements:
            element = new.elements[key]
            changes.append(["add", key, following, element.tag, element.attributes, element.text])
        following = key
    return changes


def _shared(old: str, new: str) -> int:
    """How many characters both begin with, by bisection: comparing slices is much faster than characters."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
