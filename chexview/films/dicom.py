"""A DICOM file to a Radiograph, in the standard's order (PS3.3 C.11, PS3.4 Annex N.2).

structure, pixel format, codecs · stored values · modality · padding on stored values · VOI · one inversion · geometry last.
Runs in the decoding child only: pydicom's warnings are silenced for the whole process while it reads.
"""

import warnings
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from chexview.errors import ContentError, DamagedError, FormatError, LimitError
from chexview.films import codecs, elements, lookup_tables, modality, pixel_format, spacing, structure, voi
from chexview.films.body_part import body_part
from chexview.films.colour import check_levels, luminance
from chexview.films.elements import label
from chexview.films.header import header, header_cautions, identity
from chexview.films.holes import hole
from chexview.films.limits import PIXELS
from chexview.films.orientation import Turn, turn
from chexview.films.origin import origin
from chexview.films.padding import padding as padding_mask
from chexview.films.pixel_format import PixelFormat
from chexview.films.radiograph import (
    Caution,
    CautionKind,
    Photometric,
    Radiograph,
    Spacing,
    Step,
    VoiView,
    Window,
    withheld_for_damage,
)
from chexview.films.row_length import misread
from chexview.films.stored_values import stored_values
from chexview.films.structure import NATIVE
from chexview.films.value_range import deep_views
from chexview.films.view_position import view_position


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
    slope: float | None = None
    intercept: float = 0.0


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
    form, format_cautions = pixel_format.check(parsed)
    projection, part = view_position(dataset), body_part(dataset)
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
    channel = decoded.words if decoded.words.ndim == 2 else decoded.words[..., 0]
    turned = turn(dataset, projection.view)
    if not turned.is_none:
        _turn(picture, turned)
    if turned.transpose:
        aspect = 1.0 / aspect
        if millimetres is not None:
            millimetres = Spacing(millimetres.column_mm, millimetres.row_mm, millimetres.plane, millimetres.source)
    if aspect != 1.0:
        picture.steps.append(Step(f"shown with pixels {aspect:.4g} times as tall as wide", "PS3.3 C.7.6.3.1.7"))
    cautions = (
        *parsed.cautions,
        *format_cautions,
        *projection.cautions,
        *part.cautions,
        *header_cautions(dataset, form.is_secondary_capture, decoded.lossy),
        *decoded.cautions,
        *hole(channel),
        *misread(channel),
        *picture.cautions,
        *spacing_cautions,
        *aspect_cautions,
    )
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
        view=projection.view,
        body_part=part.name,
        header=header(parsed, form.sop_class),
        identity=identity(dataset),
        steps=(decoded.step, *picture.steps),
        cautions=cautions,
        withheld=withheld_for_damage(cautions) or projection.withheld or part.withheld,
        origin=origin(parsed, form, turned, picture.slope, picture.intercept),
    )


def _grey(dataset: Dataset, form: PixelFormat, decoded: codecs.Decoded) -> _Picture:
    stored = stored_values(decoded.words, form, decoded.aligned)
    padding, padding_cautions = padding_mask(dataset, stored)
    output = modality.transform(dataset, stored)
    views, voi_cautions = voi.views(dataset, output, padding)
    inverted, inversion_cautions = _inversion(dataset, form)
    steps = [*stored.steps, *output.steps]
    if padding is not None:
        steps.append(Step(f"{float(padding.mean()):.0%} of the film is padding and shown black", "PS3.3 C.7.5.1.1.2"))
    steps.append(_voi_step(views[0]))
    if inverted:
        steps.append(Step("black and white exchanged once", "PS3.3 C.11.6.1.2"))
    cautions = [*stored.cautions, *output.cautions, *padding_cautions, *voi_cautions, *inversion_cautions]
    slope = None if output.is_table else output.scale
    intercept = output.offset - stored.base * output.scale
    return _Picture(
        output.pixels, output.scale, output.offset, views, padding, inverted, steps, cautions, slope, intercept
    )


def _coloured(dataset: Dataset, form: PixelFormat, decoded: codecs.Decoded) -> _Picture:
    """The luminance of a captured colour picture of a film; no rescale or VOI applies to it (PS3.3 C.7.6.3.1.2)."""
    if form.photometric is Photometric.PALETTE:
        pixels, scale, caution = luminance(_palette(dataset, decoded.words))
        text, section, bits = "palette looked up, its luminance read", "PS3.3 C.7.6.3.1.5", 16
        cautions: list[Caution] = []
    else:
        words, bits, cautions = _sample_bits(decoded, form)
        interleaved, plane_cautions = _as_planes(words, form, decoded)
        words, text, section = _three_channels(interleaved, bits, form.photometric is Photometric.RGB or decoded.rgb)
        cautions += plane_cautions
        pixels, scale, caution = luminance(words, bits)
    cautions += [caution] if caution else []
    views, range_cautions = deep_views(pixels, None, scale, 0.0, (0.0, float((1 << bits) - 1)))
    steps = [Step(text, section), _voi_step(views[0])]
    return _Picture(pixels, scale, 0.0, views, None, False, steps, [*cautions, *range_cautions])


def _three_channels(words: codecs.Words, bits: int, is_rgb: bool) -> tuple[codecs.Words, str, str]:
    """Red, green and blue of samples that are said to be those or YCbCr, and how they were read.

    Three equal channels are grey in red, green and blue alone; two channels that are all at the middle are chroma of grey.
    Both are clear enough that the header is not asked.
    """
    middle = 1 << (bits - 1)
    off = np.abs(words[..., 1:].astype(np.int32) - middle)
    if not _is_grey(words) and (not is_rgb or int(off.max()) <= 1):
        if float(off.mean()) > 24 << (bits - 8):
            raise ContentError("The picture is in colour, so it is no radiograph; bring the film itself, in grey.")
        return words[..., :1].repeat(3, axis=2), "luminance of YCbCr read", "PS3.3 C.7.6.3.1.2"
    return words, "luminance of red, green and blue read", "PS3.3 C.7.6.3.1.2"


def _is_grey(words: codecs.Words) -> bool:
    """Whether the three channels are the same."""
    return np.array_equal(words[..., 0], words[..., 1]) and np.array_equal(words[..., 0], words[..., 2])


def _as_planes(words: codecs.Words, form: PixelFormat, decoded: codecs.Decoded) -> tuple[codecs.Words, list[Caution]]:
    """The samples, in the other Planar Configuration where only that gives a grey picture, and a caution (PS3.3 C.7.6.3.1.3)."""
    if form.syntax not in NATIVE or decoded.rgb:
        return words, []
    shape, flat = words.shape, np.ascontiguousarray(np.moveaxis(words, -1, 0) if form.planar else words).reshape(-1)
    torn = flat.reshape(shape) if form.planar else np.moveaxis(flat.reshape(3, *shape[:2]), 0, -1)
    other = cast(codecs.Words, torn)
    if _is_grey(words) or not _is_grey(other):
        return words, []
    said, read = int(form.planar), int(not form.planar)
    text = f"{label('PlanarConfiguration')} says {said}, in which the picture falls apart; it is read as {read}."
    return other, [Caution(CautionKind.HEADER, text)]


def _sample_bits(decoded: codecs.Decoded, form: PixelFormat) -> tuple[codecs.Words, int, list[Caution]]:
    """The samples of a colour picture with their lowest bit at the right, and how many bits they have (PS3.5 8.1.1)."""
    shift = 0 if decoded.aligned else form.high + 1 - form.stored
    words = decoded.words >> decoded.words.dtype.type(shift) if shift else decoded.words
    needed = int(words.max()).bit_length()
    if needed <= form.stored:
        return words, form.stored, []
    text = f"{label('BitsStored')} says {form.stored} but the values need {needed} bits; all bits are read."
    return words, form.allocated, [Caution(CautionKind.HEADER, text)]


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
        channel = table.at(words.astype(np.int64)).astype(np.float64) * (65535.0 / ((1 << table.bits) - 1))
        channels.append(np.rint(channel).astype(np.uint16))
    return np.stack(channels, axis=-1)


def _inversion(dataset: Dataset, form: PixelFormat) -> tuple[bool, list[Caution]]:
    """Whether black and white change places, once (PS3.3 C.11.6.1.2, C.8.11.3.1.2).

    The standard ties MONOCHROME1 to INVERSE and MONOCHROME2 to IDENTITY. Where they contradict each other, the one that
    asks for an inversion is followed: devices write MONOCHROME2 and IDENTITY unthinkingly, and the others with a
    reason.
    """
    by_photometric = form.photometric is Photometric.MONOCHROME1
    shape = elements.code(dataset, "PresentationLUTShape")
    by_shape = shape == "INVERSE"
    is_unknown = shape not in ("", "INVERSE", "IDENTITY", "LIN OD")
    if is_unknown or elements.is_present(dataset, "PresentationLUTSequence"):
        which = "PresentationLUTShape" if is_unknown else "PresentationLUTSequence"
        text = f"{label(which)} asks for greys in a way that is not read here; the film is shown without it."
        return by_photometric, [Caution(CautionKind.PHOTOMETRIC, text)]
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
    picture.pixels = turned.apply(picture.pixels)
    if picture.padding is not None:
        picture.padding = turned.apply(picture.padding)
    text = f"{turned.words}, so that the patient's left is on the right and the head is up"
    picture.steps.append(Step(text, "PS3.3 C.7.6.1.1.1"))
    caution = f"{label('PatientOrientation')} asks to turn the film ({turned.words}); text on it may read backwards."
    picture.cautions.append(Caution(CautionKind.ORIENTATION, caution))
