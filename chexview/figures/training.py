"""Training curves: AUROC or loss over the epochs, on fixed training and validation films in evaluation mode."""

from enum import StrEnum

import pandas as pd
import plotly.graph_objects as go

from chexview.figures.layout import KEY
from chexview.figures.theme import Theme, dress, message
from chexview.findings import title
from chexview.text.escape import escaped

HEIGHT = 340


class Curve(StrEnum):
    """What is drawn; the values are columns of ``curves.csv``."""

    AUROC = "auroc"
    LOSS = "loss"

    @property
    def words(self) -> str:
        """The axis's title."""
        return "AUROC" if self is Curve.AUROC else "Loss (nats)"


def training_figure(
    curves: pd.DataFrame, curve: Curve, finding: str | None, look: Theme, height: int = HEIGHT
) -> go.Figure:
    """One line for the training films, one for the validation films; the mean over the findings where ``finding`` is None.

    ``curves`` is a run's ``curves()``: epoch, finding, part, auroc, loss. Areas that are not known count in no mean.
    """
    table = training_table(curves, curve, finding)
    if table.empty:
        return message(
            f"No training curve of {escaped(title(finding))}." if finding else "No training curves.", look, height
        )
    figure = go.Figure()
    for k, part in enumerate(table.columns):
        figure.add_scatter(
            x=table.index.tolist(),
            y=[None if pd.isna(value) else float(value) for value in table[part]],
            mode="lines+markers",
            line={"color": look.series[k % 5], "width": 2, "dash": "solid" if part == "validation" else "dash"},
            marker={"size": 5},
            name=f"{part} films",
            hovertemplate=f"epoch %{{x}}, {part} films<br>{curve.words} %{{y:.4f}}<extra></extra>",
        )
    dress(figure, look, height)
    figure.update_layout(hovermode="closest", legend=KEY, margin={"t": 36})
    figure.update_xaxes(title_text="Epoch")
    figure.update_yaxes(title_text=curve.words)
    return figure


def training_table(curves: pd.DataFrame, curve: Curve, finding: str | None) -> pd.DataFrame:
    """The values of the figure: one row an epoch, one column a part (validation first), the mean over findings for None."""
    chosen = curves if finding is None else curves[curves["finding"] == finding]
    table = chosen.groupby(["epoch", "part"])[curve.value].mean().unstack("part")
    return table[sorted(table.columns, reverse=True)]


def training_alt(curves: pd.DataFrame, curve: Curve, finding: str | None) -> str:
    """A text alternative of the figure: where each line ends, and the best epoch of the validation films."""
    table = training_table(curves, curve, finding)
    if table.empty:
        return "There are no training curves."
    what = f"{curve.words} of {title(finding)}" if finding else f"{curve.words}, mean over the findings"
    ends = ", ".join(f"{table[part].iloc[-1]:.3f} on {part} films" for part in table.columns)
    words = f"{what}, over {len(table)} epochs; at the end {ends}."
    if "validation" in table and table["validation"].notna().any():
        held_out = table["validation"]
        best = held_out.max() if curve is Curve.AUROC else held_out.min()
        epoch = table.index[(held_out == best).to_numpy()][0]
        words += f" Best on validation films in epoch {epoch}: {best:.3f}."
    return words
