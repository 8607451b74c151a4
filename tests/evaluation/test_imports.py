"""The trainer's machine has no plotly and no Streamlit, and the evaluation engine must not wake torch."""

import subprocess
import sys

_BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "plotly", "streamlit", "pydicom", "sklearn"):
            raise ImportError(name + " is not to be imported")
sys.meta_path.insert(0, Blocked())
import importlib, pkgutil, chexview.evaluation
for module in pkgutil.iter_modules(chexview.evaluation.__path__):
    importlib.import_module("chexview.evaluation." + module.name)
import chexview.figures.colours
"""


def test_everything_is_imported_without_torch_plotly_and_streamlit() -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", _BLOCKED], check=True)
