"""Search, fetch, store: what CheXView asks of a PACS, by DICOMweb (PS3.18 sections 10.4 to 10.6).

Whatever goes wrong is a PacsError with one sentence, and nothing half done: a study is fetched whole or not at all. No
sentence, log line or ``repr`` holds a secret, an address or whose film it is.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from typing import Any

import requests
from dicomweb_client.web import DICOMwebClient
from requests.auth import HTTPBasicAuth

from chexview.errors import ChexviewError, FilmError, PacsError
from chexview.films.elements import text as element_text
from chexview.films.header import identity
from chexview.films.limits import FILE_BYTES
from chexview.films.pixel_format import CR, DX, DX_FOR_PROCESSING, SC
from chexview.films.structure import parse
from chexview.pacs import studies
from chexview.pacs.bounded_session import BoundedSession, CutShortError, TooLargeError, TooSlowError
from chexview.pacs.outgoing import check_outgoing
from chexview.pacs.studies import FoundStudies, Instance, Series, Study
from chexview.settings import PacsSettings

STUDIES = 100
"""Studies that a search shows."""
INSTANCES = 500
"""Instances that a series may list."""
FILMS = 16
"""Films that are fetched of one study."""
STUDY_BYTES = 512 * 2**20
"""Bytes of one study's films."""
PRIORS = 3
"""Earlier studies that are offered beside one."""
JSON_BYTES = 8 * 2**20
"""The longest list a server may send."""
_IMAGES = frozenset({str(CR), str(DX), str(DX_FOR_PROCESSING), str(SC)})
_WILD = frozenset("*?\\")
_log = logging.getLogger(__name__)

for _name in ("dicomweb_client", "urllib3"):  # they write addresses, which name patients, and servers' own words
    logging.getLogger(_name).setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True, repr=False)
class FetchedFilm:
    """The bytes of one film as the PACS holds it, and the study that it is of."""

    data: bytes
    study: Study
    uid: str

    @property
    def digest(self) -> str:
        """The SHA-256 of the file, as a Radiograph has it."""
        return sha256(self.data).hexdigest()


class _Client(DICOMwebClient):
    """dicomweb-client, which hands on bytes as they came: hostile ones are parsed under our own limits."""

    def instance_bytes(self, study: str, series: str, uid: str) -> list[bytes]:
        """The parts of the answer; the file is asked for in whatever transfer syntax it is stored in."""
        url = f"{self.base_url}/studies/{study}/series/{series}/instances/{uid}"
        accept = 'multipart/related; type="application/dicom"; transfer-syntax=*'
        response = self._http_get(url, headers={"Accept": accept})
        kind = response.headers.get("Content-Type", "")
        if kind.startswith("application/dicom"):
            return [response.content]
        if not response.content.rstrip().endswith(b"--"):
            raise CutShortError
        return [bytes(part) for part in self._decode_multipart_message(response, stream=False)]

    def store_bytes(self, files: Sequence[bytes], study: str) -> Any:
        """The server's answer on the files, sent as they are."""
        return self._http_post_multipart_application_dicom(f"{self.base_url}/studies/{study}", files)


class FilmArchive:
    """One PACS. Safe for threads: each call has a connection of its own."""

    def __init__(self, own: PacsSettings) -> None:
        self.own = own

    def search(self, patient_id: str = "", first: date | None = None, last: date | None = None) -> FoundStudies:
        """Studies with CR, DX or RF of a patient, of the days ``first`` to ``last``, or both; the latest come first.

        Raises PacsError, also where neither is given.
        """
        wanted = patient_id.strip()
        if not wanted and first is None and last is None:
            raise PacsError("Type a patient ID or a date; the whole archive is not listed.")
        if _WILD & set(wanted) or len(wanted) > 64 or not wanted.isprintable():
            raise PacsError("A patient ID has at most 64 characters and no *, ? or backslash; type all of it.")
        if first is not None and last is not None and first > last:
            raise PacsError("The first date is after the last one; exchange them.")
        filters = {"PatientID": wanted} if wanted else {}
        if first is not None or last is not None:
            filters["StudyDate"] = f"{_day(first)}-{_day(last)}"
        found: dict[str, Study] = {}
        is_cut = False
        for modality in studies.MODALITIES:
            rows = self._rows(partial(_studies, filters | {"ModalitiesInStudy": modality}))
            is_cut |= len(rows) > STUDIES
            found |= {each.uid: each for each in map(studies.study, rows)}
        fitting = [each for each in found.values() if _fits(each, wanted, first, last)]
        fitting.sort(key=lambda each: (each.date, each.uid), reverse=True)
        return FoundStudies(tuple(fitting[:STUDIES]), is_cut or len(fitting) > STUDIES)

    def priors(self, study: Study, most: int = PRIORS) -> tuple[Study, ...]:
        """The same patient's studies before this one, the latest first; none if the study has no patient or date."""
        last = _as_date(study.date)
        if not study.patient_id or last is None:
            return ()
        found = self.search(study.patient_id, last=last).studies
        earlier = [each for each in found if each.uid != study.uid and each.date and each.date <= study.date]
        return tuple(earlier[:most])

    def fetch(
        self, study: Study, on_progress: Callable[[int, int], None] | None = None, *, may_be_empty: bool = False
    ) -> tuple[FetchedFilm, ...]:
        """The study's films, laterals left out where the PACS names the view; at most :data:`FILMS`.

        All that the PACS says there are, or a PacsError: fewer listed or sent than counted, a file of another patient or
        study, a file that is no sound DICOM.
        """
        wanted = self._films_of(study)
        if not wanted and not may_be_empty:
            raise PacsError("That study has no frontal film that CheXView reads; nothing was opened.")
        fetched = []
        for done, (series, instance) in enumerate(wanted):
            if on_progress is not None:
                on_progress(done, len(wanted))
            fetched.append(FetchedFilm(self._bytes(study, series, instance), study, instance.uid))
            if sum(len(film.data) for film in fetched) > STUDY_BYTES:
                raise PacsError(f"That study's films have more than {STUDY_BYTES // 2**20} MB; nothing was opened.")
        return tuple(fetched)

    def store(self, files: Sequence[bytes], study: Study) -> int:
        """Sends results of a study back, all in one request; how many are stored. Each is checked before any is sent.

        Raises PacsError if a file is not fit to be sent, and if the PACS does not take all of them.
        """
        if not files:
            raise PacsError("There is no result to send.")
        uids = [check_outgoing(data, study.uid, study.patient_id) for data in files]
        with self._speaking(JSON_BYTES, "It does not take these results.") as client:
            answer = client.store_bytes(files, study.uid)
            kept = {str(item.get("ReferencedSOPInstanceUID", "")) for item in answer.get("ReferencedSOPSequence") or ()}
            failed = {str(item.get("ReferencedSOPInstanceUID", "")) for item in answer.get("FailedSOPSequence") or ()}
        missing = [uid for uid in uids if uid in failed or (kept and uid not in kept)]
        if not kept:
            missing = [uid for uid in uids if uid not in self._listed(study)]
        if missing:
            raise PacsError(
                f"The PACS took {len(uids) - len(missing)} of {len(uids)} results; ask its administrator what it refuses."
            )
        return len(uids)

    def _listed(self, study: Study) -> set[str]:
        """All instances that the PACS lists of a study."""
        series = [studies.series(row) for row in self._rows(lambda client: client.search_for_series(study.uid))]
        return {instance.uid for each in series for instance in self._instances(study, each)}

    def _films_of(self, study: Study) -> list[tuple[Series, Instance]]:
        rows = self._rows(lambda client: client.search_for_series(study.uid, fields=studies.SERIES_FIELDS))
        listed = [studies.series(row) for row in rows]
        if not listed:
            raise PacsError("The PACS does not know that study; search again.")
        counts = [each.instances for each in listed]
        counted = sum(count for count in counts if count is not None)
        if study.instances is not None and None not in counts and counted < study.instances:
            raise _half(counted, study.instances)
        wanted: list[tuple[Series, Instance]] = []
        for series in listed:
            if series.modality and series.modality not in studies.MODALITIES:
                continue
            instances = self._instances(study, series)
            if series.instances is not None and len(instances) < series.instances:
                raise _half(len(instances), series.instances)
            wanted += [(series, instance) for instance in instances if _is_film(instance)]
        shown = [pair for pair in wanted if pair[1].sop_class != DX_FOR_PROCESSING] or wanted
        if len(shown) > FILMS:
            raise PacsError(
                f"That study holds {len(shown)} films and at most {FILMS} are fetched; open them elsewhere."
            )
        return sorted(shown, key=lambda pair: (pair[0].uid, pair[1].number, pair[1].uid))

    def _instances(self, study: Study, series: Series) -> list[Instance]:
        rows = self._rows(
            lambda client: client.search_for_instances(
                study.uid, series.uid, limit=INSTANCES, fields=studies.INSTANCE_FIELDS
            )
        )
        return [studies.instance(row) for row in rows]

    def _bytes(self, study: Study, series: Series, instance: Instance) -> bytes:
        with self._speaking(FILE_BYTES + 2**16, "It could not send a film of that study.") as client:
            parts = client.instance_bytes(study.uid, series.uid, instance.uid)
        if len(parts) != 1:
            raise _half(len(parts), 1)
        _check_film(parts[0], study, instance)
        return parts[0]

    def _rows(self, ask: Callable[["_Client"], Any]) -> list[Any]:
        with self._speaking(JSON_BYTES, "It could not list what was searched for.") as client:
            rows = ask(client)
        if not isinstance(rows, list):
            raise studies.no_dicomweb()
        return rows

    @contextmanager
    def _speaking(self, most_bytes: int, refusal: str) -> Iterator[_Client]:
        """A client for one call; what goes wrong becomes a PacsError without a cause, whose text could tell too much."""
        own = self.own
        try:
            with BoundedSession(own.address, own.seconds, most_bytes) as session:
                if own.certificates is not None:
                    session.verify = str(own.certificates)
                if own.token:
                    session.headers["Authorization"] = f"Bearer {own.token}"
                elif own.user:
                    session.auth = HTTPBasicAuth(own.user.encode(), own.password.encode())
                client = _Client(own.address, session=session, chunk_size=2**31, timeout=own.seconds)
                client.set_http_retry_params(retry=False)
                yield client
        except ChexviewError:
            raise
        except Exception as error:
            _log.warning("no answer from the PACS: %s", type(error).__name__)
            raise PacsError(_sentence(error, own.seconds, refusal)) from None


def _studies(filters: dict[str, str], client: _Client) -> list[Any]:
    return list(client.search_for_studies(limit=STUDIES + 1, fields=studies.STUDY_FIELDS, search_filters=filters))


def _sentence(error: Exception, seconds: float, refusal: str) -> str:
    """The sentence that a user reads about an error."""
    if isinstance(error, TooSlowError):
        return f"The PACS did not answer within {seconds:.0f} seconds; try again, or ask its administrator."
    if isinstance(error, TooLargeError):
        return "The PACS sends more than any film or list holds; nothing was opened."
    if isinstance(error, CutShortError | requests.exceptions.ChunkedEncodingError):
        return "The PACS broke off in the middle of its answer; nothing was opened; try again."
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return "The PACS points to another address, which is not followed; set CHEXVIEW_PACS_URL to it."
    if isinstance(error, requests.exceptions.SSLError):
        return "The PACS's certificate is not one that is trusted here; name its authority in CHEXVIEW_PACS_CA."
    if isinstance(error, requests.exceptions.HTTPError) and error.response is not None:
        return _refused(error.response.status_code, refusal)
    if isinstance(error, requests.exceptions.ConnectionError):
        return "The PACS cannot be reached; check that it runs, and CHEXVIEW_PACS_URL."
    return str(studies.no_dicomweb())


def _refused(status: int, refusal: str) -> str:
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED):
        return "The PACS does not accept the configured user and password, or token; have its administrator check them."
    if status == HTTPStatus.FORBIDDEN:
        return f"The PACS forbids this to the configured user. {refusal}"
    if status == HTTPStatus.NOT_FOUND:
        return "The PACS does not know that study, or has no DICOMweb at CHEXVIEW_PACS_URL; search again."
    return f"The PACS refused with status {status}. {refusal}"


def _half(there: int, counted: int) -> PacsError:
    return PacsError(
        f"The PACS gave {there} of the {counted} instances that it says there are; nothing was opened, so that no half study "
        "is read."
    )


def _check_film(data: bytes, study: Study, instance: Instance) -> None:
    """Raises PacsError if the file is no sound DICOM, or not the film that was requested."""
    try:
        dataset = parse(data).dataset
    except FilmError as error:
        raise PacsError(f"The PACS sent a file that is not opened here. {error}") from None
    owner = identity(dataset).patient_id.strip()
    same = element_text(dataset, "SOPInstanceUID") == instance.uid
    same &= element_text(dataset, "StudyInstanceUID") == study.uid
    if not same or (study.patient_id and owner != study.patient_id):
        raise PacsError("The PACS sent a film that was not requested; nothing was opened. Inform its administrator.")


def _is_film(instance: Instance) -> bool:
    known = not instance.sop_class or instance.sop_class in _IMAGES
    return known and instance.frames == 1 and instance.view not in studies.LATERAL


def _fits(study: Study, patient_id: str, first: date | None, last: date | None) -> bool:
    """Whether the study is one that was searched for; servers may ignore filters that they do not know (PS3.18 section 8.3.4)."""
    if patient_id and study.patient_id.casefold() != patient_id.casefold():
        return False
    if study.modalities and not set(study.modalities) & set(studies.MODALITIES):
        return False
    return not study.date or (_day(first) or "0") <= study.date <= (_day(last) or "9")


def _as_date(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y%m%d").date()
    except ValueError:
        return None


def _day(day: date | None) -> str:
    return "" if day is None else f"{day:%Y%m%d}"
