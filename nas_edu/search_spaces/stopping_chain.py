"""Chain, written layer by layer until a stop token: the same chains, told by other hyperparameters.

`Chain` chooses the number of layers first. A controller that writes piece by piece need not know it: after each layer
it writes another one, or "stop".

    kind_1 in conv, maxpool, avgpool
    kind_k in conv, maxpool, avgpool, stop    if kind_(k-1) is a layer; k <= max_layers
    kernel_k, channels_k                      if kind_k = conv

A chain of `max_layers` layers has no stop token: there is no room for more. Uniform choices favour short chains here:
after each layer, one choice of four is to stop. (`sample` is that of `Chain`, uniform over lengths.)

Source: Zoph & Le, "Neural Architecture Search with Reinforcement Learning", ICLR 2017, section 3.1, where the paper
stops "if the number of layers exceeds a certain value"; the token is that of a language model.
"""

from __future__ import annotations

from nas_edu.core.search_space import Config, Hyperparameter, Value, check_config
from nas_edu.search_spaces.chain import KINDS, Chain, Layer, LayerChain

STOP = "stop"


class StoppingChain(Chain):
    """All chains of 1 to `max_layers` layers, as `Chain` has them; only the hyperparameters are others."""

    @property
    def hyperparameters(self) -> tuple[Hyperparameter, ...]:
        """For each layer its kind or the stop token, its kernel and its channels."""
        listed = []
        for k in range(1, self.max_layers + 1):
            convolves = (f"kind_{k}", ("conv",))
            if k == 1:
                listed.append(Hyperparameter("kind_1", KINDS))
            else:
                listed.append(Hyperparameter(f"kind_{k}", (*KINDS, STOP), (f"kind_{k - 1}", KINDS)))
            listed.append(Hyperparameter(f"kernel_{k}", self.kernels, convolves))
            listed.append(Hyperparameter(f"channels_{k}", self.channels, convolves))
        return tuple(listed)

    def from_config(self, values: Config) -> LayerChain:
        """The chain that these values describe: one to one. Raises ValueError that says what was wrong."""
        check_config(self.hyperparameters, values)
        layers = []
        for k in range(1, self.max_layers + 1):
            kind = values.get(f"kind_{k}", STOP)
            if kind == STOP:
                break
            layers.append(Layer(kind, values.get(f"kernel_{k}"), values.get(f"channels_{k}")))
        return LayerChain(tuple(layers))

    def to_config(self, chain: LayerChain) -> dict[str, Value]:
        """The values of all hyperparameters that exist in `chain`, the stop token included."""
        values = super().to_config(chain)
        length = values.pop("L")
        return values if length == self.max_layers else {**values, f"kind_{length + 1}": STOP}
