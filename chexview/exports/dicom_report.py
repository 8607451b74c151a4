"""DICOM SR: a reading as a structured report by TID 1500, each finding with its code, probability, threshold and outline.

One measurement group a finding: the numbers are in it once. A flagged finding's largest outline is in its own group; further
outlines follow in groups of their own with the finding and nothing else. Regions are closed polylines, and no area or length of
them is coded: what a map covers is no measurement. A summary group, first in the tree, says in words what is flagged, or that
nothing is among the findings assessed, or why no score is given; so that a report is never empty and reads well as text.
"""

from collections.abc import Iterator
from typing import Any

from highdicom import UID
from highdicom import sr as hd
from pydicom.dataset import Dataset

from chexview.evaluation.operating import Policy
from chexview.exports import dicom_codes as codes
from chexview.exports.dicom_source import (
    VERSION,
    NewSeries,
    concept,
    device_uid,
    own_scheme,
    refused_values,
    source,
    written,
)
from chexview.exports.film_result import FilmResult
from chexview.exports.outlines import LEVEL, outlines, stored_points
from chexview.exports.records import NOTICE, threshold_probability
from chexview.films.grey import display_shape
from chexview.findings import title
from chexview.model.reading import FindingScore, Reading
from chexview.text import numbers
from chexview.text.reading import ordered
from chexview.text.result import flagged_sentence, model_words, verdict_words, withheld_words

Group = hd.MeasurementsAndQualitativeEvaluations | hd.PlanarROIMeasurementsAndQualitativeEvaluations
NUMBER = 9601
"""The number of the series, high so that it stands after the films'."""


def structured_report(result: FilmResult) -> bytes:
    """The report as a DICOM file. Raises ExportError if the film is no DICOM object of a study."""
    film, card = result.film, result.card
    evidence = source(film)
    series = NewSeries(card, NUMBER, "SR")
    with refused_values():
        content = hd.MeasurementReport(
            observation_context=hd.ObservationContext(
                observer_device_context=hd.ObserverContext(
                    observer_type=concept(codes.Code("121007", "DCM", "Device")),
                    observer_identifying_attributes=hd.DeviceObserverIdentifyingAttributes(
                        uid=device_uid(card),
                        name="CheXView",
                        manufacturer_name="CheXView",
                        model_name=card.name[:64],
                        serial_number=card.weights[:16] or None,
                    ),
                )
            ),
            procedure_reported=concept(codes.CHEST_FILM),
            imaging_measurements=[_summary(result, evidence), *_findings(result, evidence)],
            title=concept(codes.REPORT),
        )
        report = hd.ComprehensiveSR(
            evidence=[evidence],
            content=content,
            is_complete=True,
            is_final=False,
            **series.device,
            coding_schemes=own_scheme(),
            **series.arguments,
        )
    return written(report, film)


def _summary(result: FilmResult, evidence: Dataset) -> Group:
    """What came of the film as a whole, as numbers and as text."""
    reading = result.reading
    assessed = len(reading.findings) if reading is not None else 0
    counts = [
        hd.Measurement(concept(codes.ASSESSED), assessed, concept(codes.NO_UNITS)),
        hd.Measurement(concept(codes.FLAGGED_COUNT), len(result.flagged), concept(codes.NO_UNITS)),
    ]
    group = hd.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=hd.TrackingIdentifier(uid=UID(), identifier="Summary"),
        finding_type=concept(codes.SUMMARY),
        algorithm_id=_algorithm(result),
        measurements=counts if reading is not None else None,
        source_images=[hd.SourceImageForMeasurementGroup(evidence.SOPClassUID, evidence.SOPInstanceUID)],
    )
    for text in _sentences(result):
        item = hd.TextContentItem(concept(codes.COMMENT), text, hd.RelationshipTypeValues.CONTAINS)
        group[0].ContentSequence.append(item)
    return group


def _sentences(result: FilmResult) -> Iterator[str]:
    reading = result.reading
    yield flagged_sentence(reading, result.card) if reading is not None else withheld_words(result.withheld)
    if reading is not None and result.flagged:
        yield f"Outlines run where a finding's map reaches {numbers.tick(LEVEL)} of its highest point; they are no lesion's edge."
    yield from result.cautions
    yield NOTICE


def _algorithm(result: FilmResult) -> hd.AlgorithmIdentification:
    """The model and what decides its flags (TID 4019)."""
    parameters = [f"checkpoint {model_words(result.card)}"]
    if result.reading is not None and result.reading.policy:
        known = result.reading.policy in {policy.value for policy in Policy}
        policy = Policy(result.reading.policy).heading if known else result.reading.policy
        parameters.append(f"thresholds: {policy}")
    return hd.AlgorithmIdentification(
        name="CheXView", version=VERSION, parameters=parameters, family=concept(codes.MACHINE_LEARNING)
    )


def _findings(result: FilmResult, evidence: Dataset) -> Iterator[Group]:
    reading = result.reading
    if reading is None:
        return
    for score in ordered(reading):
        yield from _finding(result, reading, score, evidence)


def _finding(result: FilmResult, reading: Reading, score: FindingScore, evidence: Dataset) -> Iterator[Group]:
    origin = result.film.origin
    assert origin is not None
    lines = outlines(reading, score.name, display_shape(result.film)) if score.flagged else ()
    track = hd.TrackingIdentifier(uid=UID(), identifier=title(score.name))
    common: dict[str, Any] = {
        "finding_type": concept(codes.finding_code(score.name)),
        "finding_sites": [hd.FindingSite(concept(codes.CHEST))],
    }
    numbers_of: dict[str, Any] = {
        "algorithm_id": _algorithm(result),
        "measurements": _measurements(score),
        "qualitative_evaluations": _evaluations(result, score),
    }
    image = hd.SourceImageForMeasurementGroup(evidence.SOPClassUID, evidence.SOPInstanceUID)
    regions = [
        hd.ImageRegion(
            graphic_type=hd.GraphicTypeValues.POLYLINE,
            graphic_data=stored_points(line, origin),
            source_image=hd.SourceImageForRegion(evidence.SOPClassUID, evidence.SOPInstanceUID),
        )
        for line in lines
    ]
    if not regions:
        group = hd.MeasurementsAndQualitativeEvaluations(track, source_images=[image], **common, **numbers_of)
        _with_verdict(group, result, score)
        yield group
        return
    for number, region in enumerate(regions, 1):
        if number == 1:
            planar = hd.PlanarROIMeasurementsAndQualitativeEvaluations(track, region, **common, **numbers_of)
            _with_verdict(planar, result, score)
        else:
            name = f"{title(score.name)}, region {number}"
            more = hd.TrackingIdentifier(uid=UID(), identifier=name)
            planar = hd.PlanarROIMeasurementsAndQualitativeEvaluations(more, region, **common)
        yield planar


def _measurements(score: FindingScore) -> list[hd.Measurement]:
    name = codes.PROBABILITY if score.calibrated else codes.SCORE
    found = [hd.Measurement(concept(name), score.probability, concept(codes.NO_UNITS))]
    threshold = threshold_probability(score)
    if threshold is not None:
        found.append(hd.Measurement(concept(codes.THRESHOLD), threshold, concept(codes.NO_UNITS)))
    return found


def _evaluations(result: FilmResult, score: FindingScore) -> list[hd.QualitativeEvaluation]:
    answer = codes.YES if score.flagged else codes.NO
    found = [hd.QualitativeEvaluation(concept(codes.FLAGGED), concept(answer))]
    verdict = result.verdict(score.name)
    if verdict is not None:
        value = codes.Code(verdict.decision.value, codes.OWN, verdict.decision.value.capitalize())
        found.append(hd.QualitativeEvaluation(concept(codes.VERDICT), concept(value)))
    return found


def _with_verdict(group: Group, result: FilmResult, score: FindingScore) -> None:
    """Adds a text that says whose the verdict on a finding is."""
    verdict = result.verdict(score.name)
    if verdict is not None:
        text = verdict_words(verdict)
        item = hd.TextContentItem(concept(codes.COMMENT), text, hd.RelationshipTypeValues.CONTAINS)
        group[0].ContentSequence.append(item)
