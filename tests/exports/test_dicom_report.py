"""Structured reports: what highdicom reads back is what was written, and never nothing."""

import io
from dataclasses import replace

import highdicom as hd
import numpy as np
import pydicom
import pytest

from chexview.exports import dicom_codes as codes
from chexview.exports.dicom_report import structured_report
from chexview.exports.dicom_source import concept
from chexview.exports.outlines import outlines
from chexview.exports.records import NOTICE, threshold_probability
from chexview.findings import NAMES
from chexview.worklist.verdicts import Decision, Verdict
from tests.exports.results import CARD, FILM, result, withheld


def parsed(data: bytes) -> hd.sr.ComprehensiveSR:
    return hd.sr.srread(io.BytesIO(data))


@pytest.fixture(scope="module")
def flagged() -> bytes:
    """The report of a film with two flagged findings."""
    return structured_report(result())


@pytest.fixture(scope="module")
def report(flagged: bytes) -> hd.sr.ComprehensiveSR:
    """The same, as highdicom reads it."""
    return parsed(flagged)


def texts(report: hd.sr.ComprehensiveSR) -> list[str]:
    """The comments of the first group, which is the summary."""
    group = report.content[0].ContentSequence[-1].ContentSequence[0]
    return [item.TextValue for item in group.ContentSequence if item.name == concept(codes.COMMENT)]


def all_texts(report: hd.sr.ComprehensiveSR) -> list[str]:
    return [str(element.value) for element in report.iterall() if element.keyword == "TextValue"]


def number(group: hd.sr.MeasurementsAndQualitativeEvaluations, code: codes.Code) -> float:
    (found,) = group.get_measurements(name=concept(code))
    return float(found.value)


def test_every_finding_is_read_back_with_its_probability_threshold_and_flag(report: hd.sr.ComprehensiveSR) -> None:
    given = result()
    assert given.reading is not None
    for score in given.reading.findings:
        find = {"tracking_uid": None, "finding_type": concept(codes.finding_code(score.name))}
        planar = report.content.get_planar_roi_measurement_groups(**find)
        others = report.content.get_image_measurement_groups(**find)
        (group,) = [group for group in (*planar, *others) if group.get_measurements(name=concept(codes.PROBABILITY))]
        assert number(group, codes.PROBABILITY) == pytest.approx(score.probability, abs=1e-12)
        assert number(group, codes.THRESHOLD) == pytest.approx(threshold_probability(score), abs=1e-12)
        (flag,) = group.get_qualitative_evaluations(name=concept(codes.FLAGGED))
        assert flag.value == concept(codes.YES if score.flagged else codes.NO)
        assert bool(planar) == score.flagged


def test_regions_are_closed_polylines_in_the_films_pixels_and_nothing_is_measured_of_them(
    report: hd.sr.ComprehensiveSR, flagged: bytes
) -> None:
    given = result()
    groups = report.content.get_planar_roi_measurement_groups(
        finding_type=concept(codes.FINDINGS["Effusion"]), graphic_type=hd.sr.GraphicTypeValues.POLYLINE
    )
    assert given.reading is not None
    lines = outlines(given.reading, "Effusion", (1024, 1024))
    assert len(groups) == len(lines) > 0
    for group, line in zip(groups, lines, strict=True):
        points = group.roi.value
        assert np.array_equal(points[0], points[-1])
        np.testing.assert_allclose(points, line.at(1024, 1024), atol=0.01)
        (source,) = group.roi.ContentSequence
        assert source.referenced_sop_instance_uid == pydicom.dcmread(FILM, stop_before_pixels=True).SOPInstanceUID
    whole = str(pydicom.dcmread(io.BytesIO(flagged)))
    assert "Area" not in whole and "Length" not in whole.replace("Group Length", "")


def test_the_film_stands_in_the_evidence_of_its_study_and_the_report_in_a_new_series(
    report: hd.sr.ComprehensiveSR, flagged: bytes
) -> None:
    film = pydicom.dcmread(FILM, stop_before_pixels=True)
    (study,) = report[0x0040A375].value
    (series,) = study.ReferencedSeriesSequence
    (instance,) = series.ReferencedSOPSequence
    assert (study.StudyInstanceUID, series.SeriesInstanceUID) == (film.StudyInstanceUID, film.SeriesInstanceUID)
    assert (instance.ReferencedSOPClassUID, instance.ReferencedSOPInstanceUID) == (
        film.SOPClassUID,
        film.SOPInstanceUID,
    )
    assert report.StudyInstanceUID == film.StudyInstanceUID and report.SeriesInstanceUID != film.SeriesInstanceUID
    assert (report.PatientName, report.PatientID) == (film.PatientName, film.PatientID)
    other = pydicom.dcmread(io.BytesIO(structured_report(result())))
    assert other.SOPInstanceUID != report.SOPInstanceUID


def test_nothing_flagged_is_said() -> None:
    report = parsed(structured_report(result(flagged=())))
    assert texts(report) == ["No finding over its threshold among the 14 assessed.", NOTICE]
    assert report.content.get_planar_roi_measurement_groups() == []
    assert len(report.content.get_image_measurement_groups()) == 1 + len(NAMES)


def test_a_withheld_film_has_no_score_and_the_reason() -> None:
    given = withheld()
    report = parsed(structured_report(given))
    assert texts(report)[0] == f"No score is given. {given.withheld}"
    (summary,) = report.content.get_image_measurement_groups()
    assert summary.get_measurements() == []
    assert "Probability" not in str(report)


def test_a_score_that_was_asked_for_stands_with_the_reason_against_it() -> None:
    given = withheld()
    report = parsed(structured_report(replace(result(), film=given.film)))
    assert given.withheld in texts(report) and "Probability" in str(report)


def test_a_verdict_stands_with_its_finding() -> None:
    verdict = Verdict(
        result().film.digest, "Effusion", CARD.weights, Decision.REJECTED, "2026-05-04T10:00:00", "Reader 2"
    )
    report = parsed(structured_report(replace(result(), verdicts=(verdict,))))
    groups = report.content.get_planar_roi_measurement_groups(finding_type=concept(codes.FINDINGS["Effusion"]))
    (answer,) = groups[0].get_qualitative_evaluations(name=concept(codes.VERDICT))
    assert answer.value.value == "rejected"
    assert "rejected: the reader does not see it by Reader 2, 2026-05-04" in all_texts(report)


def test_the_algorithm_is_named_in_every_group_with_numbers(report: hd.sr.ComprehensiveSR) -> None:
    found = all_texts(report)
    assert str(report).count("Algorithm Name") == 1 + len(NAMES)
    assert found.count(f"checkpoint {CARD.title} (weights SHA-256 {CARD.weights[:16]})") == 1 + len(NAMES)
    assert any(text.startswith("thresholds: Specificity") for text in found)
