"""For sharing: no planted mark is left, copies fit together within one export and not across two, and look as the film does."""

import hashlib
import io
from dataclasses import replace
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import pytest

from chexview.errors import ExportError
from chexview.exports.bundle import Bundle, Purpose, about, bundle, zipped
from chexview.exports.dicom_film import film_copy
from chexview.exports.film_result import FilmResult
from chexview.exports.registry import FILM_EXPORTS
from chexview.exports.sharing import METHOD, SharingKey, shared
from chexview.films.dicom import read_dicom
from chexview.films.grey import grey
from chexview.films.radiograph import Caution, CautionKind, Radiograph, VoiTable, Window
from chexview.worklist.verdicts import Decision, Verdict
from tests.exports.marks import ALL_WORDS, FILE_NAME, WORDS, marked, marks_in
from tests.exports.results import CARD, errors_of, film, reading, result, withheld


def read(data: bytes) -> Radiograph:
    return read_dicom(data, hashlib.sha256(data).hexdigest())


def marked_result(deflated: bool = False) -> FilmResult:
    shown = read(marked(deflated))
    caution = Caution(CautionKind.HEADER, "Protocol says quartzname.")
    verdict = Verdict(shown.digest, "Nodule", CARD.weights, Decision.ACCEPTED, "20240229", "quartzname")
    cautioned = replace(reading(digest=shown.digest), cautions=("Protocol says quartzname.",))
    return FilmResult(replace(shown, cautions=(caution,)), CARD, cautioned, verdicts=(verdict,))


def copied(deflated: bool = False) -> Bundle:
    return bundle(marked_result(deflated), FILM_EXPORTS, FILE_NAME, SharingKey())


def test_the_search_finds_every_mark_in_the_identified_film() -> None:
    assert marks_in(marked(), ALL_WORDS) == set(ALL_WORDS)
    assert marks_in(marked(deflated=True), ALL_WORDS) == set(WORDS)
    raw = marked(deflated=True).lower()
    assert b"quartznested" not in raw, "it is found only where the search inflates"


def test_the_search_finds_the_marks_of_files_for_the_record() -> None:
    made = bundle(marked_result(), FILM_EXPORTS, FILE_NAME)
    found = {word for file in made.files for word in marks_in(file.data)}
    assert {"quartzname", "quartzid", "19631107", "20240229", "quartzaccession"} <= found
    assert all(FILE_NAME in file.name for file in made.files)
    (page,) = (file.data for file in made.files if file.name.endswith(".pdf"))
    on_paper = ("quartzname", "quartzid", "1963-11-07", "2024-02-29")
    assert marks_in(page, on_paper) == set(on_paper), "letters on paper stand apart"
    assert found <= marks_in(zipped(made.files))


@pytest.mark.parametrize("deflated", [False, True])
def test_no_mark_is_left_for_sharing(deflated: bool) -> None:
    source, made = marked_result(deflated), copied(deflated)
    assert len(made.files) > len(FILM_EXPORTS) and made.refusals == ()
    words = (*ALL_WORDS, FILE_NAME, "quartz", source.film.digest, "097y", "1963-11-07", "2024-02-29")
    for file in (*made.files, about(Purpose.SHARING)):
        assert marks_in(file.data, words) == set(), file.name
        assert "quartz" not in file.name and file.data[:64] != b"quartzpreamble"
    assert marks_in(zipped(made.files), words) == set()


def test_a_copy_has_only_what_is_listed() -> None:
    copy = pydicom.dcmread(io.BytesIO(copied().files[0].data))
    groups = {element.tag.group for element in copy.iterall()}
    assert groups <= {0x0008, 0x0010, 0x0012, 0x0018, 0x0020, 0x0028, 0x0040, 0x0054, 0x2050, 0x7FE0}
    assert copy.preamble == bytes(128)
    assert (copy.PatientIdentityRemoved, copy.DeidentificationMethod) == ("YES", METHOD)
    assert (copy.PatientSex, copy.PatientAge, copy.StudyDate, copy.PatientBirthDate) == ("M", "090Y", "", "")
    assert b"burnt into" in about(Purpose.SHARING).data and b"not looked at" in about(Purpose.SHARING).data


def test_results_refer_to_the_copy_and_two_exports_do_not_meet() -> None:
    first, second = copied(), copied()
    sets = [
        [pydicom.dcmread(io.BytesIO(file.data)) for file in made.files if file.name.endswith(".dcm")]
        for made in (first, second)
    ]
    for each in sets:
        copy, *others = each
        assert {item.StudyInstanceUID for item in each} == {copy.StudyInstanceUID}
        assert {item.PatientID for item in each} == {copy.PatientID}
        report = next(item for item in others if item.Modality == "SR")
        evidence = report.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0]
        assert evidence.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == copy.SOPInstanceUID
        assert evidence.ReferencedSOPSequence[0].ReferencedSOPClassUID == copy.SOPClassUID
    uids = [{str(item.value) for one in each for item in one.iterall() if item.VR == "UI"} for each in sets]
    instances = [{uid for uid in one if not uid.startswith("1.2.840.10008.")} for one in uids]
    shared_by_both = instances[0] & instances[1]
    assert {uid for uid in shared_by_both if not uid.startswith(("2.25.", "1.2.826.0.1.3680043.9.7433"))} == set()
    assert sets[0][0].StudyInstanceUID != sets[1][0].StudyInstanceUID
    assert sets[0][0].PatientID != sets[1][0].PatientID


def test_two_films_of_a_patient_stay_together_within_one_export() -> None:
    key, one = SharingKey(), result()
    assert one.film.origin is not None
    other = replace(one, film=replace(one.film, origin=replace(one.film.origin, sop_instance="1.2.3.4")))
    first, second = (pydicom.dcmread(io.BytesIO(film_copy(shared(each, key)))) for each in (one, other))
    assert (first.StudyInstanceUID, first.PatientID) == (second.StudyInstanceUID, second.PatientID)
    assert first.SOPInstanceUID != second.SOPInstanceUID


def looks(shown: Radiograph) -> None:
    """The copy of a film is read as the film is seen."""
    copy = read(film_copy(shared(FilmResult(shown, CARD, reading()), SharingKey())))
    np.testing.assert_allclose(grey(copy), grey(shown), atol=2e-4)


def test_a_copy_looks_as_the_film_does() -> None:
    shown = film()
    rng = np.random.default_rng(4)
    deep = rng.integers(3, 4096, shown.pixels.shape).astype(np.uint16)
    window = Window("quartz", 500.0, 900.0)
    table = VoiTable("t", 0.0, np.sqrt(np.arange(4096) * 4095).astype(np.uint16), 12)
    padding = np.zeros(shown.pixels.shape, bool)
    padding[:, :50] = True
    looks(shown)
    looks(replace(shown, pixels=deep, views=(window,), scale=0.5, offset=-100.0, inverted=True))
    looks(replace(shown, pixels=deep, views=(window,), scale=-1.0, offset=4096.0))
    looks(replace(shown, pixels=deep, views=(table,), padding=padding))


def test_outlines_lie_on_a_turned_film_where_they_lie_on_its_copy() -> None:
    shown = film()
    assert shown.origin is not None
    turned = replace(shown, pixels=shown.pixels[:, ::-1], origin=replace(shown.origin, flipped_columns=True))
    before = result(of=turned)
    after = shared(before, SharingKey())
    regions = []
    for given in (before, after):
        report = hd.sr.srread(io.BytesIO(FILM_EXPORTS[0].write(given)[0]))
        groups = report.content.get_planar_roi_measurement_groups()
        regions.append(groups[0].roi.value)
    np.testing.assert_allclose(1024 - regions[0][:, 0], regions[1][:, 0], atol=0.01)
    np.testing.assert_allclose(regions[0][:, 1], regions[1][:, 1], atol=0.01)


def test_copies_are_valid(tmp_path: Path) -> None:
    made = bundle(result(), FILM_EXPORTS, "x", SharingKey())
    lateral = bundle(withheld(), FILM_EXPORTS, "x", SharingKey())
    assert lateral.refusals
    objects = [file for file in (*made.files, *lateral.files) if file.name.endswith(".dcm")]
    assert len(objects) > 8
    for number, file in enumerate(objects):
        path = tmp_path / f"{number}.dcm"
        path.write_bytes(file.data)
        assert errors_of(path) == [], file.name


@pytest.mark.parametrize("sop_class", ["1.2.840.10008.5.1.4.1.1.1", "1.2.840.10008.5.1.4.1.1.7"], ids=["CR", "SC"])
def test_copies_of_other_classes_are_valid(sop_class: str, tmp_path: Path) -> None:
    shown = film()
    assert shown.origin is not None
    other = result(of=replace(shown, origin=replace(shown.origin, sop_class=sop_class)))
    copy = film_copy(shared(other, SharingKey()))
    (tmp_path / "a.dcm").write_bytes(copy)
    assert errors_of(tmp_path / "a.dcm") == []
    assert pydicom.dcmread(io.BytesIO(copy)).SOPClassUID == sop_class


def test_a_film_with_burnt_in_text_is_not_shared() -> None:
    shown = film()
    assert shown.origin is not None
    elements = (("BurnedInAnnotation", "YES"),)
    burnt = result(of=replace(shown, origin=replace(shown.origin, elements=elements)))
    with pytest.raises(ExportError, match="burnt into"):
        shared(burnt, SharingKey())
    assert bundle(burnt, FILM_EXPORTS, "x", SharingKey()).files == ()
