#!/usr/bin/env python3
"""Makes the files of this folder: needs numpy, Pillow, safetensors, torch, transformers.

images/*: drawn here, one per way of storing a picture; images.safetensors: what Pillow reads from each, as RGB.
sizes.safetensors: embeddings of the tiny networks of ../backbones at sizes that they were not stored for, float64 rounded to float32.
"""
import io
from pathlib import Path

import numpy
import PIL
import torch
import transformers
from PIL import Image, ImageCms, ImageDraw
from safetensors.numpy import save_file

here = Path(__file__).parent
images = here / "images"
images.mkdir(exist_ok=True)


def picture(width=37, height=26):
    y, x = numpy.mgrid[0:height, 0:width]
    rgb = numpy.stack([255 * x / (width - 1), 255 * y / (height - 1), 127 + 120 * numpy.sin(x * y / 40)], -1)
    drawn = Image.fromarray(rgb.round().astype("uint8"))
    draw = ImageDraw.Draw(drawn)
    draw.ellipse([5, 4, 17, 16], fill=(250, 30, 10))
    draw.rectangle([22, 9, 33, 21], fill=(10, 200, 40), outline=(0, 0, 90))
    return drawn


rgb = picture()
alpha = Image.fromarray(numpy.linspace(0, 255, 37 * 26).reshape(26, 37).astype("uint8"))
grey = rgb.convert("L")
wide = numpy.asarray(rgb).astype("uint16") * 257 - 90 * (numpy.asarray(rgb) > 0)


def with_alpha(image):
    image = image.copy()
    image.putalpha(alpha)
    return image


def png16(samples, colour):
    """Pillow writes no 16-bit RGB, so the chunks are put together here."""
    import struct
    import zlib

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width = samples.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    head = struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def save(name, image, **options):
    image.save(images / name, **options)


save("rgba.png", with_alpha(rgb))
save("grey.png", grey)
save("grey-alpha.png", with_alpha(grey))
save("bilevel.png", rgb.convert("1"))
palette = rgb.quantize(16)
save("palette.png", palette)
save("palette-transparent.png", palette, transparency=3)
save("palette-alpha.png", palette, transparency=bytes(range(0, 256, 16)))
save("palette-2-bits.png", rgb.quantize(4), bits=2)
save("rgb-transparent.png", rgb, transparency=(250, 30, 10))
save("grey-transparent.png", grey, transparency=40)
(images / "rgb-16.png").write_bytes(png16(wide, 2))
(images / "rgba-16.png").write_bytes(png16(numpy.concatenate([wide, wide[..., :1]], -1), 6))
(images / "grey-alpha-16.png").write_bytes(png16(wide[..., :2], 4))
(images / "grey-16.png").write_bytes(png16((wide[..., 0] // 60).astype("uint16"), 0))
exif = Image.Exif()
exif[0x0112] = 6
save("rotated.jpg", rgb, quality=92, exif=exif)
save("grey.jpg", grey, quality=92)
save("progressive.jpg", rgb, quality=80, progressive=True)
save("444.jpg", rgb, quality=85, subsampling="4:4:4")
save("422.jpg", rgb, quality=85, subsampling="4:2:2")
save("profile.jpg", rgb, quality=85, icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
save("cmyk.jpg", rgb.convert("CMYK"), quality=92)
cmyk = (images / "cmyk.jpg").read_bytes()
adobe = cmyk.index(b"Adobe")
# The same numbers under other names: as YCCK, and without the marker that says that the inks are inverted.
(images / "ycck.jpg").write_bytes(cmyk[: adobe + 11] + b"\2" + cmyk[adobe + 12 :])
(images / "cmyk-plain.jpg").write_bytes(cmyk[: adobe - 4] + cmyk[adobe + 12 :])
save("rgb.jpg", rgb, quality=85, keep_rgb=True)
whole = (images / "progressive.jpg").read_bytes()
(images / "no-jfif.jpg").write_bytes(whole[:2] + whole[20:])
save("palette.gif", palette)
save("transparent.gif", palette, transparency=3)


def moved(name, new):
    """On a larger screen, from column 5 and row 7."""
    data = bytearray((images / name).read_bytes())
    data[6:10] = (50).to_bytes(2, "little") + (40).to_bytes(2, "little")
    frame = data.index(b"\x2c\0\0\0\0")
    data[frame + 1 : frame + 5] = b"\5\0\7\0"
    (images / new).write_bytes(data)


moved("palette.gif", "palette-moved.gif")
moved("transparent.gif", "transparent-moved.gif")
save("rgb.bmp", rgb)
save("palette.bmp", palette)
save("grey.bmp", grey)
save("lossy.webp", rgb, quality=85)
save("lossy-low.webp", picture(70, 51), quality=30)
save("lossless.webp", rgb, lossless=True)
save("lossless-alpha.webp", with_alpha(rgb), lossless=True, exact=True)
save("lossy-alpha.webp", with_alpha(rgb), quality=85, exact=True)

expected = {}
for file in sorted(images.iterdir()):
    with Image.open(file) as image:
        print(f"{file.name}: {image.format} {image.mode}, {file.stat().st_size} bytes")
        expected[file.name] = numpy.asarray(image.convert("RGB"))
save_file(expected, here / "images.safetensors", {"made with": f"Pillow {PIL.__version__}"})

cases = {
    "vit": (transformers.ViTModel, 96),
    "dino": (transformers.ViTModel, 32),
    "dinov2": (transformers.Dinov2Model, 126),
    "dinov2-registers": (transformers.Dinov2WithRegistersModel, 112),
    "clip": (transformers.CLIPVisionModelWithProjection, 98),
    "siglip": (transformers.SiglipVisionModel, 48),
}
embeddings = {}
for name, (kind, size) in cases.items():
    model = kind.from_pretrained(here.parent / "backbones" / name, dtype=torch.float64).eval()
    # Java repeats these pixels, exactly.
    pixels = (torch.arange(3 * size * size) * 7919 % 1009).double() / 512 - 1
    options = {} if name.startswith("dinov2") else {"interpolate_pos_encoding": True}
    with torch.no_grad():
        out = model(pixel_values=pixels.reshape(1, 3, size, size), **options)
    embedding = (
        out.image_embeds if name == "clip" else out.pooler_output if name == "siglip" else out.last_hidden_state[:, 0]
    )
    embeddings[f"{name}.{size}"] = embedding[0].float().numpy()
save_file(embeddings, here / "sizes.safetensors", {"made with": f"transformers {transformers.__version__}"})
