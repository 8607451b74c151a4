"""What the header tells: what is refused, withheld, cautioned, measured, kept, and kept apart."""

import io
import logging
import struct
import zlib

import numpy as np
import pydicom
import pytest
from pydicom import uid

from chexview.errors import ContentError, DamagedError, FilmError, FormatError, LimitError
from chexview.films import limits
from chexview.films.dicom import read_dicom
from chexview.films.grey import grey
from chexview.films.radiograph import CautionKind, Plane, Radiograph, View
from tests.films.builders import BIRTH, CR, NAME, PATIENT, SC, dataset, element, encapsulated, encode, film, item, ramp
from tests.films.expectations import is_sentence


def kinds(radiograph: Radiograph) -> set[CautionKind]:
    return {caution.kind for caution in radiograph.cautions}


def coded(value: str, meaning: str) -> list[pydicom.Dataset]:
    return [item(CodeValue=value, CodingSchemeDesignator="SCT", CodeMeaning=meaning)]


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"Rows": 60000}, LimitError, "Rows (0028,0010) says 60000"),
        ({"Rows": 8192, "Columns": 8192}, LimitError, "million pixels"),
        ({"Rows": 16}, ContentError, "Rows (0028,0010) says 16"),
        ({"Rows": 400, "Columns": 64}, ContentError, "no shape of a chest radiograph"),
        ({"Rows": None}, DamagedError, "Rows (0028,0010) is missing"),
        ({"Columns": 0}, DamagedError, "Columns (0028,0011) is missing"),
        ({"Columns": 65}, DamagedError, "64 x 65 pixels need 8320"),
        ({"PixelData": None}, DamagedError, "Pixel Data (7FE0,0010) is missing"),
        ({"PixelData": None, "FloatPixelData": b"\0" * 16}, ContentError, "Float Pixel Data (7FE0,0008)"),
        ({"NumberOfFrames": "2"}, ContentError, "Number of Frames (0028,0008) says 2"),
        ({"NumberOfFrames": "-1"}, DamagedError, "Number of Frames (0028,0008)"),
        ({"SamplesPerPixel": 4}, FormatError, "Samples per Pixel (0028,0002) says 4"),
        ({"SamplesPerPixel": 3}, DamagedError, "Photometric Interpretation (0028,0004) says MONOCHROME2"),
        ({"PhotometricInterpretation": "RGB"}, DamagedError, "Photometric Interpretation (0028,0004) says RGB"),
        ({"PhotometricInterpretation": "HSV"}, FormatError, "Photometric Interpretation (0028,0004) says HSV"),
        ({"BitsAllocated": 1}, ContentError, "Bits Allocated (0028,0100) says 1"),
        ({"BitsAllocated": 32}, FormatError, "Bits Allocated (0028,0100) says 32"),
        ({"BitsStored": 17}, DamagedError, "Bits Stored (0028,0101) says 17"),
        ({"BitsStored": 0}, DamagedError, "Bits Stored (0028,0101) says 0"),
        ({"BitsStored": 1}, ContentError, "Bits Stored (0028,0101) says 1"),
        ({"HighBit": 10}, DamagedError, "High Bit (0028,0102) says 10"),
        ({"HighBit": 16}, DamagedError, "High Bit (0028,0102) says 16"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"}, ContentError, "CT Image Storage"),
        ({"SOPClassUID": "1.2.3.4.5"}, ContentError, "an unknown kind of object"),
        ({"SOPClassUID": SC, "Modality": "CT"}, ContentError, "Modality (0008,0060)"),
    ],
)
def test_refusals_name_the_element(changes: dict[str, object], error: type[FilmError], words: str) -> None:
    with pytest.raises(error) as found:
        read_dicom(film(**changes), "d")
    assert words in str(found.value)
    assert is_sentence(str(found.value))


def test_colour_without_planar_configuration_is_refused() -> None:
    rgb = np.repeat(ramp(8).astype(np.uint8)[..., None], 3, axis=2)
    with pytest.raises(DamagedError, match="Planar Configuration"):
        read_dicom(film(rgb, PlanarConfiguration=None), "d")


@pytest.mark.parametrize("planar", [0, 1])
def test_grey_colour_is_read_exactly(planar: int) -> None:
    grey_values = ramp(8).astype(np.uint8)
    rgb = np.repeat(grey_values[..., None], 3, axis=2)
    stored = np.moveaxis(rgb, -1, 0) if planar else rgb
    data = film(rgb, PlanarConfiguration=planar, PixelData=element("PixelData", stored.tobytes(), "OB"))
    assert np.array_equal(grey(read_dicom(data, "d")), (grey_values / 255).astype(np.float32))


def test_ycbcr_gives_its_luma_and_colour_is_refused() -> None:
    luma = ramp(8).astype(np.uint8)
    ybr = np.stack([luma, np.full_like(luma, 128), np.full_like(luma, 128)], axis=-1)
    radiograph = read_dicom(film(ybr, PhotometricInterpretation="YBR_FULL"), "d")
    assert np.array_equal(radiograph.pixels, luma)
    ybr[..., 1] = 220
    with pytest.raises(ContentError, match="colour"):
        read_dicom(film(ybr, PhotometricInterpretation="YBR_FULL"), "d")


@pytest.mark.parametrize("bits", [8, 16])
def test_palettes_are_looked_up(bits: int) -> None:
    indices = ramp(8).astype(np.uint8)
    permuted = np.random.default_rng(2).permutation(256)
    entries = (permuted * (257 if bits == 16 else 1)).astype(np.uint16)
    changes: dict[str, object] = {"PhotometricInterpretation": "PALETTE COLOR", "SOPClassUID": SC}
    for name in ("Red", "Green", "Blue"):
        keyword = f"{name}PaletteColorLookupTable"
        changes[f"{keyword}Descriptor"] = element(f"{keyword}Descriptor", [256, 0, bits], "US")
        data = entries.astype("<u2" if bits == 16 else "u1").tobytes()
        changes[f"{keyword}Data"] = element(f"{keyword}Data", data, "OW")
    seen = grey(read_dicom(film(indices, **changes), "d"))
    assert np.allclose(seen, permuted[indices] / 255, atol=1e-6)
    with pytest.raises(DamagedError, match="Red Palette"):
        read_dicom(film(indices, **changes | {"RedPaletteColorLookupTableData": None}), "d")


def test_a_codestream_of_another_size_is_refused_before_decoding() -> None:
    data = bytearray(film(ramp(), uid.ExplicitVRLittleEndian))
    made = pydicom.dcmread(io.BytesIO(data))
    made.compress(uid.JPEG2000Lossless, generate_instance_uid=False)
    stream = bytearray(pydicom.encaps.get_frame(made.PixelData, 0, number_of_frames=1))
    stream[8:16] = struct.pack(">II", 60000, 60000)
    with pytest.raises(DamagedError, match="60000 x 60000"):
        read_dicom(encapsulated(bytes(stream), ramp(), uid.JPEG2000Lossless), "d")


def test_a_codestream_without_its_end_is_refused() -> None:
    made = dataset(ramp())
    encode(made)
    made.compress(uid.JPEGLSLossless, generate_instance_uid=False)
    stream = pydicom.encaps.get_frame(made.PixelData, 0, number_of_frames=1)
    with pytest.raises(DamagedError, match="end marker"):
        read_dicom(encapsulated(stream[:-200], ramp(), uid.JPEGLSLossless), "d")


@pytest.mark.parametrize("cut", [10, 140, 200, 400, 700, 4000])
def test_cut_files_are_damaged(cut: int) -> None:
    with pytest.raises(DamagedError) as found:
        read_dicom(film()[:-cut] if cut in (10, 4000) else film()[:cut], "d")
    assert is_sentence(str(found.value))


def test_an_unknown_transfer_syntax_is_named() -> None:
    data = film().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.9\0")
    with pytest.raises(FormatError, match=r"Transfer Syntax UID \(0002,0010\) says 1\.2\.840\.10008\.1\.2\.9"):
        read_dicom(data, "d")


def test_a_deflated_bomb_is_refused() -> None:
    whole = film(ramp(), uid.DeflatedExplicitVRLittleEndian)
    start = 132 + 12 + struct.unpack("<I", whole[140:144])[0]
    inflated = zlib.decompress(whole[start:], -15) + b"\xfc\xff\xfc\xff" + b"OB\0\0" + struct.pack("<I", 2**28)
    deflate = zlib.compressobj(1, zlib.DEFLATED, -15)
    bomb = deflate.compress(inflated)
    bomb += b"".join(deflate.compress(bytes(2**24)) for _ in range(limits.FILE_BYTES // 2**24)) + deflate.flush()
    assert len(bomb) < 2**20
    with pytest.raises(LimitError, match="inflates to more than"):
        read_dicom(whole[:start] + bomb, "d")


def nested(depth: int) -> bytes:
    made = item(CodeValue="1")
    for _ in range(depth):
        made = item(PurposeOfReferenceCodeSequence=[made])
        made["PurposeOfReferenceCodeSequence"].is_undefined_length = True
    return film(PurposeOfReferenceCodeSequence=element("PurposeOfReferenceCodeSequence", [made]))


def test_deep_nesting_is_refused_and_shallow_is_not() -> None:
    assert read_dicom(nested(20), "d").view is View.PA
    start = struct.pack("<HH2sHI", 0x0040, 0xA170, b"SQ", 0, 0xFFFFFFFF) + struct.pack(
        "<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF
    )
    data = film()
    with pytest.raises(LimitError, match="nests sequences"):
        read_dicom(data + start * 400, "d")


def test_a_flood_of_items_is_refused() -> None:
    sequence = struct.pack("<HH2sHI", 0x7FE1, 0x1010, b"SQ", 0, 8 * 6000) + b"\xfe\xff\x00\xe0\0\0\0\0" * 6000
    with pytest.raises(LimitError, match="sequence items"):
        read_dicom(film() + sequence, "d")


@pytest.mark.parametrize(
    ("changes", "view", "withheld"),
    [
        ({"ViewPosition": "PA"}, View.PA, False),
        ({"ViewPosition": "AP"}, View.AP, False),
        ({"ViewPosition": "LL"}, View.LATERAL, True),
        ({"ViewPosition": "lateral"}, View.LATERAL, True),
        ({"ViewPosition": None}, View.UNKNOWN, False),
        ({"ViewPosition": None, "ViewCodeSequence": coded("399067008", "antero-posterior")}, View.AP, False),
        ({"ViewPosition": None, "ViewCodeSequence": coded("399198007", "right lateral")}, View.LATERAL, True),
        ({"ViewPosition": None, "ViewCodeSequence": coded("1", "left lateral")}, View.LATERAL, True),
        ({"ViewPosition": "PA", "ViewCodeSequence": coded("399173006", "left lateral")}, View.LATERAL, True),
        ({"ViewPosition": None, "PatientOrientation": ["A", "F"]}, View.LATERAL, True),
        ({"ViewPosition": "LAO"}, View.UNKNOWN, True),
    ],
)
def test_views(changes: dict[str, object], view: View, withheld: bool) -> None:
    radiograph = read_dicom(film(**changes), "d")
    assert radiograph.view is view
    assert (radiograph.withheld is not None) == withheld
    assert (CautionKind.VIEW in kinds(radiograph)) == (withheld or view is View.UNKNOWN)
    assert radiograph.withheld is None or is_sentence(radiograph.withheld)


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"BodyPartExamined": "CHEST"}, "film"),
        ({"BodyPartExamined": "PORT CHEST"}, "film"),
        ({"BodyPartExamined": "THORAX", "Laterality": "R"}, "film"),
        ({"BodyPartExamined": None}, "film"),
        ({"BodyPartExamined": "HAND"}, "withheld"),
        ({"BodyPartExamined": "HAND", "AnatomicRegionSequence": coded("51185008", "Chest")}, "film"),
        ({"BodyPartExamined": None, "AnatomicRegionSequence": coded("85562004", "Hand")}, "withheld"),
        ({"BodyPartExamined": "EXTREMITY", "Laterality": "R"}, "refused"),
        ({"BodyPartExamined": "HAND", "StudyDescription": "wrist, two views"}, "refused"),
        ({"BodyPartExamined": "HAND", "StudyDescription": "wrist and chest"}, "withheld"),
        ({"BodyPartExamined": "EXTREMITY", "AcquisitionDeviceProcessingDescription": "[LOWER LEG  ]"}, "refused"),
    ],
)
def test_body_parts(changes: dict[str, object], outcome: str) -> None:
    if outcome == "refused":
        with pytest.raises(ContentError, match="another part of the body"):
            read_dicom(film(SOPClassUID=CR, **changes), "d")
        return
    radiograph = read_dicom(film(SOPClassUID=CR, **changes), "d")
    assert (radiograph.withheld is not None) == (outcome == "withheld")


@pytest.mark.parametrize(
    ("changes", "row_mm", "plane"),
    [
        ({"PixelSpacing": ["0.2", "0.2"], "PixelSpacingCalibrationType": "FIDUCIAL"}, 0.2, Plane.PATIENT),
        ({"PixelSpacing": ["0.2", "0.2"], "ImagerPixelSpacing": ["0.2", "0.2"]}, 0.2, Plane.DETECTOR),
        ({"PixelSpacing": ["0.18", "0.18"], "ImagerPixelSpacing": ["0.2", "0.2"]}, 0.18, Plane.PATIENT),
        ({"ImagerPixelSpacing": ["0.2", "0.2"]}, 0.2, Plane.DETECTOR),
        (
            {"ImagerPixelSpacing": ["0.7", "0.7"], "EstimatedRadiographicMagnificationFactor": "1.1"},
            0.7 / 1.1,
            Plane.PATIENT,
        ),
        (
            {
                "ImagerPixelSpacing": ["0.2", "0.2"],
                "DistanceSourceToDetector": "1800",
                "DistanceSourceToPatient": "1500",
            },
            0.2 / 1.2,
            Plane.PATIENT,
        ),
        ({"NominalScannedPixelSpacing": ["0.1", "0.1"]}, 0.1, Plane.DETECTOR),
        ({"PixelSpacing": ["0.000", "0.000"]}, None, None),
        ({"PixelSpacing": ["0.2"]}, None, None),
        ({"PixelSpacing": ["-0.2", "-0.2"]}, None, None),
        ({}, None, None),
    ],
)
def test_spacing(changes: dict[str, object], row_mm: float | None, plane: Plane | None) -> None:
    radiograph = read_dicom(film(**changes), "d")
    if row_mm is None:
        assert radiograph.spacing is None
        assert (CautionKind.SPACING in kinds(radiograph)) == bool(changes)
        return
    assert radiograph.spacing is not None
    assert radiograph.spacing.row_mm == pytest.approx(row_mm)
    assert radiograph.spacing.plane is plane


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"BurnedInAnnotation": "YES"}, CautionKind.BURNT_IN),
        ({"SOPClassUID": SC, "Modality": "OT"}, CautionKind.BURNT_IN),
        ({"LossyImageCompression": "01", "LossyImageCompressionRatio": "10"}, CautionKind.LOSSY),
        ({"PresentationIntentType": "FOR PROCESSING"}, CautionKind.FOR_PROCESSING),
        ({"BodyPartExamined": None}, CautionKind.BODY_PART),
    ],
)
def test_cautions(changes: dict[str, object], kind: CautionKind) -> None:
    cautions = read_dicom(film(**changes), "d").cautions
    assert [caution.kind for caution in cautions] == [kind]
    assert is_sentence(cautions[0].text)


def test_header_keeps_only_what_is_listed_and_cleans_it() -> None:
    radiograph = read_dicom(
        film(Manufacturer="<script>\x07" + "x" * 500, InstitutionName="Sentinel Hospital", KVP="120"), "d"
    )
    kept = dict(radiograph.header)
    assert kept["KVP"] == "120"
    assert kept["Rows"] == "64"
    assert len(kept["Manufacturer"]) == 64
    assert all(value.isprintable() for value in kept.values())
    assert "Sentinel" not in str(radiograph.header)


@pytest.mark.parametrize(
    ("charset", "name"),
    [
        ("ISO_IR 192", "王^小東"),
        ("ISO_IR 100", "Buc^Jérôme"),
        (["", "ISO 2022 IR 87"], "山田^太郎"),
        ("GB18030", "王^小东"),
    ],
)
def test_identity_is_decoded_and_kept_apart(charset: object, name: str) -> None:
    radiograph = read_dicom(film(SpecificCharacterSet=charset, PatientName=name), "d")
    assert radiograph.identity.patient_name == name
    assert radiograph.identity.patient_id == PATIENT
    assert name not in repr(radiograph) + str(radiograph) + repr(radiograph.identity) + str(radiograph.identity)


def test_identity_is_in_no_text(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    radiograph = read_dicom(film(), "d")
    assert radiograph.identity.patient_name == NAME
    told = repr(radiograph) + repr((radiograph.header, radiograph.steps, radiograph.cautions, radiograph.views))
    whole = film(InstitutionName=NAME, StudyDescription=f"hand of {NAME}", BodyPartExamined="HAND")
    for data in (whole, *(film()[:cut] for cut in range(300, 900, 7))):
        with pytest.raises(FilmError) as found:
            read_dicom(data, "d")
        told += str(found.value)
    told += caplog.text
    for secret in (NAME, PATIENT, BIRTH, "Sentinel", "20010203"):
        assert secret not in told
