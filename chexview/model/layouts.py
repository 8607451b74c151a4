"""How others store a DenseNet-121 for chest films: what their tensors are called, the order of their outputs, what they feed it.

All four are public repositories; their layouts, not their weights, are described here.
"""

from dataclasses import dataclass

from chexview.findings import CHESTX_RAY14

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of grey levels from 0 to 1, channel by channel, as torchvision's models were trained."""


@dataclass(frozen=True, slots=True)
class ForeignLayout:
    """One way of storing: ``outputs`` are the findings in order, ours by our names; ``mean`` and ``std`` are of grey levels 0 to
    255, one value a channel; ``note`` says how they look at a film otherwise than it is done here."""

    name: str
    title: str
    source: str
    outputs: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    size: int
    note: str


def _imagenet(name: str, title: str, note: str) -> ForeignLayout:
    mean, std = tuple(255 * value for value in IMAGENET_MEAN), tuple(255 * value for value in IMAGENET_STD)
    return ForeignLayout(name, title, f"https://github.com/{title}", CHESTX_RAY14, mean, std, 224, note)


ARNOWENG = _imagenet(
    "arnoweng",
    "arnoweng/CheXNet",
    "Its own scores are means over ten crops of 224 pixels from films of 256; here it sees the whole film once, at 224.",
)
ZOOGZOG = _imagenet(
    "zoogzog",
    "zoogzog/chexnet",
    "It was trained on crops of 224 pixels from larger films; here it sees the whole film once, at 224.",
)
JRZECH = _imagenet(
    "jrzech",
    "jrzech/reproduce-chexnet",
    "It was trained on films resized to 224 pixels, as it sees them here.",
)
TORCHXRAYVISION = ForeignLayout(
    "torchxrayvision",
    "mlmed/torchxrayvision",
    "https://github.com/mlmed/torchxrayvision",
    (
        "Atelectasis",
        "Consolidation",
        "Infiltration",
        "Pneumothorax",
        "Edema",
        "Emphysema",
        "Fibrosis",
        "Effusion",
        "Pneumonia",
        "Pleural_Thickening",
        "Cardiomegaly",
        "Nodule",
        "Mass",
        "Hernia",
        "Lung Lesion",
        "Fracture",
        "Lung Opacity",
        "Enlarged Cardiomediastinum",
    ),
    (127.5,),
    (127.5 / 1024,),
    224,
    "Its own scores are of the film's central square and pass through thresholds of its own afterwards; here it sees the whole "
    "film, and its bare logits are kept.",
)
LAYOUTS: dict[str, ForeignLayout] = {item.name: item for item in (ARNOWENG, ZOOGZOG, JRZECH, TORCHXRAYVISION)}
