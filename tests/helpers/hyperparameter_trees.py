"""An oracle for spaces with conditional hyperparameters: walk through the tree of conditions."""


def configurations(space):
    """All assignments of the conditional hyperparameters, by going through them one by one."""
    found = [{}]
    for hyperparameter in space.hyperparameters:
        grown = []
        for values in found:
            parent, allowed = hyperparameter.condition or (None, ())
            exists = parent is None or values.get(parent) in allowed
            choices = hyperparameter.choices if exists else (None,)
            grown += [{**values, **({} if c is None else {hyperparameter.name: c})} for c in choices]
        found = grown
    return found
