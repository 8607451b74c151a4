"""Presentation states, secondary captures and parametric maps, read back by pydicom and looked at by others' tools."""

import io
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image

from chexview.errors import ExportError
from chexview.exports.dicom_capture import secondary_captures
from chexview.exports.dicom_map import parametric_map
from chexview.exports.dicom_presentation import presentation_state
from chexview.exports.film_picture import MOST
from chexview.exports.film_result import FilmResult
from chexview.exports.outlines import outlines
from chexview.exports.records import NOTICE
from chexview.exports.registry import FILM_EXPORTS, FilmExport, film_export_named
from chexview.films.grey import grey
from chexview.films.radiograph import Radiograph, VoiTable
from chexview.findings import NAMES
from tests.exports.results import CARD, FILM, errors_of, film, result, tool, withheld


def dataset(data: bytes) -> pydicom.Dataset:
    return pydicom.dcmread(io.BytesIO(data))


def words(state: pydicom.Dataset) -> list[str]:
    annotations = state.GraphicAnnotationSequence
    return [text.UnformattedTextValue for item in annotations for text in item.get("TextObjectSequence", [])]


def named(keyword: str, value: str) -> Radiograph:
    """The bundled film with an element of its header replaced."""
    shown = film()
    assert shown.origin is not None
    others = tuple(item for item in shown.origin.elements if item[0] != keyword)
    return replace(shown, origin=replace(shown.origin, elements=(*others, (keyword, value))))


def test_a_presentation_state_has_the_flagged_outlines_in_the_films_pixels_and_its_window() -> None:
    given = result()
    state = dataset(presentation_state(given))
    drawn = [item for item in state.GraphicAnnotationSequence if "GraphicObjectSequence" in item]
    assert len(drawn) == 2 and given.reading is not None
    for item, score in zip(drawn, given.flagged, strict=True):
        lines = outlines(given.reading, score.name, (1024, 1024))
        for graphic, line in zip(item.GraphicObjectSequence, lines, strict=True):
            points = np.array(graphic.GraphicData).reshape(-1, 2)
            assert (graphic.GraphicType, graphic.GraphicAnnotationUnits) == ("POLYLINE", "PIXEL")
            np.testing.assert_allclose(points, line.at(1024, 1024), atol=0.01)
            assert np.array_equal(points[0], points[-1])
    (voi,) = state.SoftcopyVOILUTSequence
    assert (float(voi.WindowCenter), float(voi.WindowWidth)) == (128, 256)
    assert state.PresentationLUTShape == "IDENTITY"
    (series,) = state.ReferencedSeriesSequence
    assert series.ReferencedImageSequence[0].ReferencedSOPInstanceUID == pydicom.dcmread(FILM).SOPInstanceUID
    assert words(state)[0].startswith("CheXView: Flagged, 2 of 14 assessed: ") and NOTICE in words(state)[1]


def test_a_presentation_state_keeps_rescale_table_and_inversion() -> None:
    shown = film()
    assert shown.origin is not None
    table = VoiTable("table", 0.0, np.arange(0, 4096, 16, dtype=np.uint16), 12)
    changed = replace(shown, views=(table,), inverted=True, origin=replace(shown.origin, slope=2.0, intercept=-10.0))
    state = dataset(presentation_state(result(of=changed)))
    assert (float(state.RescaleSlope), float(state.RescaleIntercept)) == (2.0, -10.0)
    assert state.PresentationLUTShape == "INVERSE"
    (lut,) = state.SoftcopyVOILUTSequence[0].VOILUTSequence
    full = table.values.astype(float) / 4095 * 65535
    np.testing.assert_allclose(
        np.frombuffer(lut.LUTData, "<u2") if isinstance(lut.LUTData, bytes) else lut.LUTData, full, atol=0.5
    )


def test_what_is_not_flagged_or_withheld_is_said_in_a_presentation_state() -> None:
    assert "No finding over its threshold among the 14 assessed." in words(dataset(presentation_state(result(()))))[0]
    state = dataset(presentation_state(withheld()))
    assert withheld().withheld in words(state)[0]
    assert not any("GraphicObjectSequence" in item for item in state.GraphicAnnotationSequence)


def test_a_film_that_no_grey_state_can_show_is_refused_in_a_sentence() -> None:
    shown = film()
    assert shown.origin is not None
    with pytest.raises(ExportError, match="Modality LUT"):
        presentation_state(result(of=replace(shown, origin=replace(shown.origin, slope=None))))


def test_captures_are_uncompressed_colours_one_a_flagged_finding() -> None:
    made = [dataset(data) for data in secondary_captures(result())]
    assert [item.ImageComments for item in made] == ["Heatmap of Nodule", "Heatmap of Effusion"]
    assert len({item.SeriesInstanceUID for item in made}) == 1 and len({item.SOPInstanceUID for item in made}) == 2
    for item in made:
        assert (item.PhotometricInterpretation, item.BurnedInAnnotation) == ("RGB", "YES")
        assert not item.file_meta.TransferSyntaxUID.is_compressed
        picture = item.pixel_array
        assert picture.shape == (1024, 1484, 3)
        assert [round(float(value), 3) for value in item.PixelSpacing] == [0.418, 0.418]
    shown = (film().pixels.astype(float)[:64, :64]).astype(int)
    np.testing.assert_allclose(made[0].pixel_array[:64, :64, 0].astype(int), shown, atol=2)


def test_many_flags_give_a_bounded_number_of_captures_and_none_gives_one() -> None:
    assert len(secondary_captures(result(NAMES))) == MOST
    for given in (result(()), withheld()):
        (only,) = (dataset(data) for data in secondary_captures(given))
        assert only.ImageComments == "The film without a heatmap"


def test_a_parametric_maps_frames_and_bases_add_up_to_the_log_odds() -> None:
    given = result()
    made = dataset(parametric_map(given))
    frames = np.frombuffer(made.FloatPixelData, "<f4").reshape(len(NAMES), 14, 14)
    assert given.reading is not None
    np.testing.assert_array_equal(frames, given.reading.cell_contributions)
    for frame, item, score in zip(frames, made.PerFrameFunctionalGroupsSequence, given.reading.findings, strict=True):
        said = item.RealWorldValueMappingSequence[0].LUTExplanation.split()
        assert float(said[1]) + frame.astype(float).sum() == pytest.approx(float(said[-1]), abs=1e-4)
        assert float(said[-1]) == pytest.approx(score.log_odds, abs=1e-6)
    with pytest.raises(ExportError, match="No score is given"):
        parametric_map(withheld())


@pytest.mark.parametrize("export", FILM_EXPORTS, ids=lambda export: export.name)
@pytest.mark.parametrize("kind", ["flagged", "none", "withheld"])
def test_every_object_is_valid_and_read_by_others(export: FilmExport, kind: str, tmp_path: Path) -> None:
    given = {"flagged": result(), "none": result(()), "withheld": withheld()}[kind]
    if not export.is_dicom or (export.name, kind) == ("pm", "withheld"):
        return
    for number, data in enumerate(export.write(given)):
        assert data[:128] == bytes(128) and data[128:132] == b"DICM"
        file = tmp_path / f"{number}.dcm"
        file.write_bytes(data)
        assert errors_of(file) == []
        subprocess.run([tool("dcmdump"), "-q", str(file)], capture_output=True, check=True)
        if export.name == "sc":
            picture = tmp_path / f"{number}.bmp"
            subprocess.run([tool("dcmj2pnm"), "--write-bmp", str(file), str(picture)], capture_output=True, check=True)
            assert picture.stat().st_size > 3 * 1024 * 1484


@pytest.mark.parametrize("name", ["v00_small", "o74_voilut_8in16", "o61_mono1_identity", "o06_padding"])
def test_dcmtk_shows_a_film_under_its_presentation_state_as_chexview_does(name: str, tmp_path: Path) -> None:
    """Window, table, inversion and padding to a grey level; dcmtk has nothing against the state, and keeps each outline."""
    path = Path(__file__).parents[1] / "data" / "films" / "files" / f"{name}.dcm"
    shown, state, again, picture = film(path), tmp_path / "pr.dcm", tmp_path / "again.dcm", tmp_path / "shown.pgm"
    state.write_bytes(presentation_state(result(of=shown)))
    checked = subprocess.run([tool("dcmpschk"), str(state)], capture_output=True, text=True, check=True)
    assert "Test passed." in checked.stderr + checked.stdout
    command = [tool("dcmp2pgm"), "-p", str(state), "+S", str(again), str(path), str(picture)]
    subprocess.run(command, capture_output=True, check=True)
    seen = np.floor(grey(shown) * 255 + 0.5)
    np.testing.assert_allclose(np.asarray(Image.open(picture)).astype(float), seen, atol=1)
    ours, theirs = (
        [
            np.array(graphic.GraphicData)
            for item in pydicom.dcmread(file).GraphicAnnotationSequence
            for graphic in item.get("GraphicObjectSequence", [])
        ]
        for file in (state, again)
    )
    assert len(ours) == len(theirs) >= 2
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, atol=0.01)


@pytest.mark.parametrize("export", FILM_EXPORTS, ids=lambda export: export.name)
def test_a_film_without_a_study_is_refused_in_a_sentence(export: FilmExport) -> None:
    given = result(of=replace(film(), origin=None))
    if export.is_dicom:
        with pytest.raises(ExportError, match="not a DICOM object"):
            export.write(given)


@pytest.mark.parametrize("name", ["Yamada^Tarou=山田^太郎", "no caret", "Ünïcode^Ä"])
def test_names_in_any_writing_are_kept(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    made = dataset(film_export_named("sr").write(result(of=named("PatientName", name)))[0])
    assert (str(made.PatientName), made.SpecificCharacterSet) == (name, "ISO_IR 192")
    assert name not in "".join(capfd.readouterr())


def test_an_identity_that_dicom_does_not_allow_is_refused_without_being_quoted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    shown = named("PatientID", "SENTINEL" * 20)
    for export in (film_export_named("sr"), film_export_named("gsps")):
        with pytest.raises(ExportError) as refused:
            export.write(FilmResult(shown, CARD, result().reading))
        assert "SENTINEL" not in str(refused.value) + caplog.text
