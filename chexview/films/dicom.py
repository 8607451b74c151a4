"""A DICOM file to a Radiograph, in the standard's order (PS3.3 C.11, PS3.4 Annex N.2).

structure, pixel format, codecs · stored values · modality · padding on stored values · VOI · one inversion · geometry last.
Runs in the decoding child only: pydicom's warnings are silenced for the whole process while it reads.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from chexview.errors import ContentError, DamagedError, FormatError, LimitError
from chexview.films import codecs, elements, lookup_tables, modality, pixel_format, spacing, structure, voi
from chexview.films.colour import check_levels, luminance
from chexview.films.elements import label
from chexview.films.grey import span
from chexview.films.header import header, header_cautions, identity
from chexview.films.limits import PIXELS
from chexview.films.pixel_format import PixelFormat
from chexview.films.position import Turn, position, turn
from chexview.films.radiograph import Caution, CautionKind, Photometric, Radiograph, Spacing, Step, VoiView, Window
from chexview.films.stored_values import stored_values

_MOSTLY_PADDING = 0.9


@dataclass(slots=True)
class _Picture:
    """What has become of the pixels so far; ``pixels * scale + offset`` in modality units."""

    pixels: npt.NDArray[np.uint16]
    scale: float
    offset: float
    views: tuple[VoiView, ...]
    padding: npt.NDArray[np.bool_] | None
    inverted: bool
    steps: list[Step]
    cautions: list[Caution]


def read_dicom(data: bytes, digest: str) -> Radiograph:
    """Reads a CR, DX or secondary capture film from the bytes of a DICOM file; ``digest`` is their SHA-256.

    Raises FormatError, LimitError, DamagedError or ContentError, each with a sentence that names the element.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _read(data, digest)


def _read(data: bytes, digest: str) -> Radiograph:
    parsed = structure.parse(data)
    dataset = parsed.dataset
    form, cautions = pixel_format.check(parsed)
    place = position(dataset)
    millimetres, spacing_cautions = spacing.spacing(dataset)
    aspect, aspect_cautions = spacing.aspect(dataset)
    if form.rows * form.columns * max(aspect, 1.0 / aspect) > PIXELS:
        raise LimitError("The film in square pixels is larger than is read here; export it at its normal size.")
    decoded = codecs.decode(parsed, form)
    if form.samples == 3 or form.photometric is Photometric.PALETTE:
        picture = _coloured(dataset, form, decoded)
    else:
        picture = _grey(dataset, form, decoded)
    check_levels(picture.pixels, picture.padding)
    turned = turn(dataset, place.view)
    if not turned.is_none:
        _turn(picture, turned)
    if turned.transpose:
        aspect = 1.0 / aspect
        if millimetres is not None:
            millimetres = Spacing(millimetres.column_mm, millimetres.row_mm, millimetres.plane, millimetres.source)
    if aspect != 1.0:
        picture.steps.append(Step(f"shown with pixels {aspect:.4g} times as tall as wide", "PS3.3 C.7.6.3.1.7"))
    return Radiograph(
        pixels=np.ascontiguousarray(picture.pixels),
        scale=picture.scale,
        offset=picture.offset,
        views=picture.views,
        digest=digest,
        padding=None if picture.padding is None else np.ascontiguousarray(picture.padding),
        inverted=picture.inverted,
        pixel_aspect=aspect,
        spacing=millimetres,
        view=place.view,
        body_part=place.body_part,
        header=header(parsed, form.sop_class),
        identity=identity(dataset),
        steps=(decoded.step, *picture.steps),
        cautions=(
            *parsed.cautions,
            *cautions,
            *place.cautions,
            *header_cautions(dataset, form.is_secondary_capture, form.syntax in codecs.LOSSY),
            *decoded.cautions,
            *picture.cautions,
            *spacing_cautions,
            *aspect_cautions,
        ),
        withheld=place.withheld,
    )


def _grey(dataset: Dataset, form: PixelFormat, decoded: codecs.Decoded) -> _Picture:
    stored = stored_values(decoded.words, form, decoded.aligned)
    padding, padding_cautions = _padding(dataset, stored.pixels, stored.base, form.signed)
    output = modality.transform(dataset, stored, form.signed)
    views, voi_cautions = voi.views(dataset, output, padding)
    inverted, inversion_cautions = _inversion(dataset, form)
    steps = [*stored.steps, *output.steps]
    if padding is not None:
        steps.append(Step(f"{float(padding.mean()):.0%} of the film is padding and shown black", "PS3.3 C.7.5.1.1.2"))
    steps.append(_voi_step(views[0]))
    if inverted:
        steps.append(Step("black and white exchanged once", "PS3.3 C.11.6.1.2"))
    cautions = [*stored.cautions, *output.cautions, *padding_cautions, *voi_cautions, *inversion_cautions]
    return _Picture(output.pixels, output.scale, output.offset, views, padding, inverted, steps, cautions)


def _coloured(dataset: Dataset, form: PixelFormat, decoded: codecs.Decoded) -> _Picture:
    """The luminance of a captured colour picture of a film; no rescale or VOI applies to it (PS3.3 C.7.6.3.1.2)."""
    rgb = decoded.words
    if form.photometric is Photometric.PALETTE:
        rgb = _palette(dataset, decoded.words)
        text, section = "palette looked up, its luminance read", "PS3.3 C.7.6.3.1.5"
    elif form.photometric is Photometric.RGB or decoded.rgb:
        text, section = "luminance of red, green and blue read", "PS3.3 C.7.6.3.1.2"
    else:
        rgb = decoded.words[..., :1].repeat(3, axis=2)
        chroma = decoded.words[..., 1:].astype(np.int32) - (1 << (form.allocated - 1))
        if float(np.abs(chroma).mean()) > 24 << (form.allocated - 8):
            raise ContentError("The picture is in colour, so it is no radiograph; bring the film itself, in grey.")
        text, section = "luminance of YCbCr read", "PS3.3 C.7.6.3.1.2"
    pixels, scale, caution = luminance(rgb)
    top = float(np.iinfo(rgb.dtype).max)
    steps = [Step(text, section)]
    return _Picture(
        pixels, scale, 0.0, (span("full range", 0.0, top),), None, False, steps, [caution] if caution else []
    )


def _palette(dataset: Dataset, words: npt.NDArray[np.uint8] | npt.NDArray[np.uint16]) -> npt.NDArray[np.uint16]:
    """Red, green and blue, uint16 (rows, columns, 3), of palette indices (PS3.3 C.7.6.3.1.5, C.7.6.3.1.6)."""
    channels = []
    for name in ("Red", "Green", "Blue"):
        keyword = f"{name}PaletteColorLookupTable"
        if elements.is_present(dataset, f"Segmented{keyword}Data"):
            raise FormatError(
                f"{label(f'Segmented{keyword}Data')} holds a segmented palette, which is not read here; export the "
                "film in grey."
            )
        table = lookup_tables.read(dataset, f"{keyword}Descriptor", f"{keyword}Data", signed=False)
        if table is None:
            raise DamagedError(f"{label(f'{keyword}Data')} is missing or malformed; export the film in grey.")
        channel = table.at(words.astype(np.int64))
        channels.append(channel * np.uint16(257) if table.bits <= 8 else channel)
    return np.stack(channels, axis=-1)


def _padding(
    dataset: Dataset, pixels: npt.NDArray[np.uint16], base: int, signed: bool
) -> tuple[npt.NDArray[np.bool_] | None, list[Caution]]:
    """The mask of padding, found on stored values, both ends inclusive and in either order (PS3.3 C.7.5.1.1.2)."""
    ends = []
    for keyword in ("PixelPaddingValue", "PixelPaddingRangeLimit"):
        found = elements.raw(dataset, keyword)
        if found is not None and len(found.value) >= 2:
            ends.append(elements.signed_or_not(found, signed)[0] - base)
    if not elements.is_present(dataset, "PixelPaddingValue") or not ends:
        return None, []
    mask = (pixels >= max(min(ends), 0)) & (pixels <= min(max(max(ends), -1), 65535))
    if max(ends) < 0 or not mask.any():
        return None, []
    share = float(mask.mean())
    if mask.all():
        raise ContentError(f"{label('PixelPaddingValue')} covers the whole picture; export the film again.")
    if share > _MOSTLY_PADDING:
        text = f"{share:.0%} of the film is padding by {label('PixelPaddingValue')}; little of it is left."
        return mask, [Caution(CautionKind.PADDING, text)]
    return mask, []


def _inversion(dataset: Dataset, form: PixelFormat) -> tuple[bool, list[Caution]]:
    """Whether black and white change places, once (PS3.3 C.11.6.1.2, C.8.11.3.1.2).

    The standard ties MONOCHROME1 to INVERSE and MONOCHROME2 to IDENTITY. Where they contradict each other, the one that
    asks for an inversion is followed: devices write MONOCHROME2 and IDENTITY unthinkingly, and the others with a
    reason.
    """
    by_photometric = form.photometric is Photometric.MONOCHROME1
    shape = elements.code(dataset, "PresentationLUTShape")
    by_shape = shape == "INVERSE"
    if shape not in ("INVERSE", "IDENTITY") or by_shape == by_photometric:
        return by_photometric, []
    text = (
        f"{label('PhotometricInterpretation')} says {form.photometric} but {label('PresentationLUTShape')} says "
        f"{shape}; black and white are exchanged once, and the film may be a negative."
    )
    return True, [Caution(CautionKind.PHOTOMETRIC, text)]


def _voi_step(view: VoiView) -> Step:
    if isinstance(view, Window):
        section = "PS3.3 C.11.2.1.2"
        return Step(f"first view {view.name}: centre {view.centre:g}, width {view.width:g}, {view.function}", section)
    return Step(f"first view {view.name}: a table of {len(view.values)} entries", "PS3.3 C.11.2.1.1")


def _turn(picture: _Picture, turned: Turn) -> None:
    """Turns pixels and padding, and says so."""

    def apply(array: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        array = array.T if turned.transpose else array
        array = array[::-1] if turned.flip_rows else array
        return array[:, ::-1] if turned.flip_columns else array

    picture.pixels = apply(picture.pixels)  # type: ignore[assignment]
    if picture.padding is not None:
        picture.padding = apply(picture.padding)  # type: ignore[assignment]
    done = [
        text
        for text, is_done in (
            ("rows and columns exchanged", turned.transpose),
            ("upside down", turned.flip_rows),
            ("mirrored", turned.flip_columns),
        )
        if is_done
    ]
    text = f"{', '.join(done)}, so that the patient's left is on the right and the head is up"
    picture.steps.append(Step(text, "PS3.3 C.7.6.1.1.1"))
    caution = f"{label('PatientOrientation')} asks to turn the film ({', '.join(done)}); text on it may read backwards."
    picture.cautions.append(Caution(CautionKind.ORIENTATION, caution))
