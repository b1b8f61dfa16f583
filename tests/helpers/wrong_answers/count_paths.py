"""Wrong answers to task 07.1."""

from wrong_answers import WrongAnswers

COUNT_PATHS = WrongAnswers()


def table(layers, scales, down=lambda layer, layers: layer in (0, layers - 1), reach=(-1, 0, 1)):
    paths = {(0, 0): 1}
    for layer in range(layers):
        for scale in range(scales):
            if (layer, scale) != (0, 0):
                paths[layer, scale] = sum(paths.get((layer - 1, scale + t), 0) for t in reach)
                if down(layer, layers):
                    paths[layer, scale] += paths.get((layer, scale - 1), 0)
    return paths


def right(layers, scales):
    return table(layers, scales)[layers - 1, scales - 1]


@COUNT_PATHS.gets("returns nothing")
def forgets_to_return(layers, scales):
    table(layers, scales)


@COUNT_PATHS.gets("one int, that of the output node")
def returns_the_table(layers, scales):
    return table(layers, scales)


@COUNT_PATHS.gets("in the first and in the last layer are missing")
def never_leads_down(layers, scales):
    return table(layers, scales, down=lambda layer, layers: False)[layers - 1, scales - 1]


@COUNT_PATHS.gets("those of one of the two are missing")
def leads_down_in_the_first_layer_only(layers, scales):
    return table(layers, scales, down=lambda layer, layers: layer == 0)[layers - 1, scales - 1]


@COUNT_PATHS.gets("those of one of the two are missing")
def leads_down_in_the_last_layer_only(layers, scales):
    return table(layers, scales, down=lambda layer, layers: layer == layers - 1)[layers - 1, scales - 1]


@COUNT_PATHS.gets("changes the scale by one at most")
def jumps_over_scales(layers, scales):
    return table(layers, scales, reach=range(-scales, scales + 1))[layers - 1, scales - 1]


@COUNT_PATHS.gets("That is the number of *edges*")
def counts_edges(layers, scales):
    across = sum(0 <= s + t < scales for _ in range(layers - 1) for s in range(scales) for t in (-1, 0, 1))
    return across + 2 * (scales - 1)


@COUNT_PATHS.gets("paths(v) is the sum of paths(u)")
def takes_the_product(layers, scales):
    return layers**scales
