"""*For sharing*: a film and its results without whose they are.

Nothing of the identified file is deleted; a new film is made that takes over what an allow-list names, so that what nobody thought
of stays behind: names, numbers, dates, private tags, nested sequences, overlays, curves, icons, the preamble, padding at the end,
names of windows, the file's name and its SHA-256. UIDs are replaced by a keyed hash: within one export a study stays a study, and
two exports cannot be set beside each other. Sex and age are kept (over 89 as 90). The picture itself is not looked at: text that is
burnt into it stays, which every copy says; where the header says that there is such text, nothing is shared.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field, replace

from chexview.errors import ExportError
from chexview.exports.film_result import FilmResult
from chexview.films.radiograph import DicomOrigin, Identity, Radiograph
from chexview.model.reading import Reading

METHOD = "Rebuilt from an allow-list by CheXView; picture not looked at"
"""What copies say of how they were made (0012,0063)."""
NOT_LOOKED_AT = (
    "Pixels were not looked at: text that is burnt into the picture stays in it. Look at the film before you share it."
)
_BURNT_IN = "The header says that text is burnt into the picture, which may name the patient; a copy for sharing is not made of it."
_WITHHELD = "CheXView withholds the score of such a film until it is asked for; the reason may quote the header and stays behind."
OLDEST = 89
"""Years of age above which an age alone could tell who somebody is."""
_NUMBERS = re.compile(r"[0-9.+eE-]{1,16}(\\[0-9.+eE-]{1,16}){0,3}")
_WORDS = {
    "PatientSex": {"M", "F", "O"},
    "Modality": {"CR", "DX", "RG", "OT", "RF"},
    "PixelIntensityRelationship": {"LIN", "LOG", "DISP"},
    "PixelIntensityRelationshipSign": {"1", "-1"},
    "PixelSpacingCalibrationType": {"GEOMETRY", "FIDUCIAL"},
    "LossyImageCompression": {"00", "01"},
    "LossyImageCompressionMethod": {"ISO_10918_1", "ISO_14495_1", "ISO_15444_1", "ISO_15444_15", "ISO_13818_2"},
    "PresentationIntentType": {"FOR PRESENTATION", "FOR PROCESSING"},
    "ConversionType": {"DV", "DI", "DF", "WSD", "SD", "SI", "DRW", "SYN"},
}
_LENGTHS = (
    "ImagerPixelSpacing",
    "PixelSpacing",
    "EstimatedRadiographicMagnificationFactor",
    "DistanceSourceToDetector",
    "DistanceSourceToPatient",
    "KVP",
    "LossyImageCompressionRatio",
)
_MOST = 1e5
"""No length, voltage or ratio of a radiograph is as large; a date or a number of a patient in its place is."""
_ORIENTATION = re.compile(r"[APRLHF]{1,3}\\[APRLHF]{1,3}")
_AGE = re.compile(r"(\d{3})([DWMY])")


@dataclass(frozen=True, slots=True)
class SharingKey:
    """The secret of one export, which is forgotten with it."""

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def digest(self, kind: str, text: str) -> bytes:
        """A keyed hash of a text; it tells nothing of the text to those without the secret."""
        return hmac.new(self.secret, f"{kind}\0{text}".encode(), hashlib.sha256).digest()

    def uid(self, old: str) -> str:
        """The UID that takes an old one's place in this export (PS3.5 B.2)."""
        return f"2.25.{int.from_bytes(self.digest('uid', old)[:16], 'big')}" if old else ""

    def name(self, kind: str, old: str) -> str:
        """Sixteen letters and digits that take an identifier's place in this export."""
        return self.digest(kind, old).hex()[:16].upper()


def shared(result: FilmResult, key: SharingKey) -> FilmResult:
    """The same result of the same pixels, with nothing left of whose film it is.

    Its film lies as it is shown, so its origin has no turn. Raises ExportError if the header says that text is burnt in.
    """
    film = result.film
    if film.origin is not None and film.origin.text("BurnedInAnnotation").strip().upper() == "YES":
        raise ExportError(_BURNT_IN)
    cautions = tuple(dict.fromkeys(f"CheXView has a caution about this film: {each.kind}." for each in film.cautions))
    reading = result.reading
    withheld = _WITHHELD if reading is None or film.withheld is not None else ""
    return replace(
        result,
        film=_film(film, key, withheld),
        reading=_reading(reading, cautions, key) if reading is not None else None,
        withheld=withheld if reading is None else "",
        name="",
        verdicts=tuple(replace(verdict, film="", reader="", time="") for verdict in result.verdicts),
    )


def _reading(reading: Reading, cautions: tuple[str, ...], key: SharingKey) -> Reading:
    return replace(reading, cautions=cautions, film_digest=key.digest("film", reading.film_digest).hex())


def _film(film: Radiograph, key: SharingKey, withheld: str) -> Radiograph:
    views = tuple(replace(view, name=f"view {number}") for number, view in enumerate(film.views, 1))
    return replace(
        film,
        views=views,
        digest=key.digest("film", film.digest).hex(),
        header=(),
        identity=Identity(),
        steps=(),
        cautions=(),
        withheld=withheld or None,
        origin=None if film.origin is None else _origin(film, film.origin, key),
    )


def _origin(film: Radiograph, origin: DicomOrigin, key: SharingKey) -> DicomOrigin:
    """Where the copy says that it comes from: itself."""
    patient = key.name("patient", f"{origin.text('IssuerOfPatientID')}\0{origin.text('PatientID')}")
    elements = {
        "PatientName": f"SHARED^{patient}",
        "PatientID": patient,
        "PatientIdentityRemoved": "YES",
        "DeidentificationMethod": METHOD,
        "PatientAge": _age(origin.text("PatientAge")),
        "PatientOrientation": _orientation(film, origin),
    }
    elements |= {keyword: origin.text(keyword) for keyword, known in _WORDS.items() if origin.text(keyword) in known}
    for keyword in _LENGTHS:
        text = origin.text(keyword)
        if _is_stated(keyword, text):
            swapped = origin.transposed and keyword.endswith("Spacing")
            elements[keyword] = "\\".join(reversed(text.split("\\"))) if swapped else text
    rows, columns = film.pixels.shape
    return DicomOrigin(
        sop_class=origin.sop_class,
        sop_instance=key.uid(origin.sop_instance),
        study=key.uid(origin.study),
        series=key.uid(origin.series),
        rows=rows,
        columns=columns,
        elements=tuple((keyword, text) for keyword, text in elements.items() if text),
        slope=1.0,
        intercept=0.0,
    )


def _is_stated(keyword: str, text: str) -> bool:
    """Whether the text is what the element asks for: two lengths above 0 of a spacing, else numbers."""
    if not _NUMBERS.fullmatch(text):
        return False
    try:
        values = [float(part) for part in text.split("\\")]
    except ValueError:
        return False
    if max(map(abs, values)) >= _MOST:
        return False
    return not keyword.endswith("Spacing") or (len(values) == 2 and min(values) > 0)


def _age(text: str) -> str:
    found = _AGE.fullmatch(text)
    if found is None:
        return ""
    return f"{OLDEST + 1:03d}Y" if found[2] == "Y" and int(found[1]) > OLDEST else text


def _orientation(film: Radiograph, origin: DicomOrigin) -> str:
    """Where the copy's rows and columns run, after the turn that the film was given when it was read."""
    text = origin.text("PatientOrientation")
    if not _ORIENTATION.fullmatch(text):
        return ""
    if origin.transposed or origin.flipped_rows or origin.flipped_columns:
        return "L\\F"
    return text
