"""A study's curves: who is on them, and the legend beneath."""

from dataclasses import replace

from chexview.figures.reader_study import RADIOLOGISTS, study_figure
from chexview.figures.theme import DARK
from chexview.studies.results import FindingResult, Rates, finding_result
from tests.studies.builders import design
from tests.studies.test_results import PRESENT, Planted, entries


def planted() -> FindingResult:
    """A result with nine radiologists, one of whom has read no film without the finding."""
    found = finding_result(design(12), entries(), "Nodule", Planted(PRESENT))
    assert found is not None
    rate = found.own.sensitivity
    readers = [Rates(f"Reader {k}", 12 - k, rate, rate) for k in range(8)]
    nobody = replace(rate, value=None, low=None, high=None)
    return replace(found, radiologists=(*readers, Rates("Reader 8", 2, rate, nobody)))


def test_the_radiologists_share_one_entry_of_the_legend_and_each_has_a_name_on_hovering() -> None:
    traces = study_figure(planted(), DARK).data
    listed = [trace.name for trace in traces if trace.showlegend is not False]
    assert listed == ["Your curve", "Model's curve", "The model", RADIOLOGISTS, "You, after the advice", "You, alone"]
    points = [trace for trace in traces if trace.name == RADIOLOGISTS]
    assert [f"Reader {k}" in trace.hovertemplate for k, trace in enumerate(points)] == [True] * 8


def test_the_legend_is_beneath_the_curves() -> None:
    layout = study_figure(planted(), DARK).layout
    assert layout.showlegend and (layout.legend.orientation, layout.legend.yanchor) == ("h", "top")
    assert layout.legend.y < 0 and layout.xaxis.scaleanchor is None and layout.yaxis.scaleanchor == "x"
