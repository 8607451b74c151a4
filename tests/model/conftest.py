"""The bundled checkpoint, and one of the example films."""

import numpy as np
import pytest
import torch
from PIL import Image

from chexview import settings
from chexview.films.radiograph import Radiograph, VoiFunction, Window
from chexview.model import checkpoint
from chexview.model.predictor import Predictor


@pytest.fixture(scope="module")
def bundled() -> Predictor:
    (folder,) = (settings.BUNDLED / "checkpoints").iterdir()
    return Predictor(checkpoint.load(folder), torch.device("cpu"))


@pytest.fixture(scope="module")
def example() -> Radiograph:
    with Image.open(settings.BUNDLED / "films" / "00017611_002.png") as image:
        pixels = np.asarray(image.convert("L")).astype(np.uint16)
    return Radiograph(pixels, 1.0, 0.0, (Window("all", 127.5, 255.0, VoiFunction.LINEAR_EXACT),), "e" * 64)
