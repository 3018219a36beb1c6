"""Random folders of images as people have them, and what `data` must make of each."""

import io
import os
import struct
import zlib

import numpy as np
from PIL import Image, PngImagePlugin

TRAIN = ("train", "training", "training_set", "Train", "train2017", "seg_train", "trainset")
TEST = ("test", "testing", "test_set", "Test", "test1", "seg_test", "eval")
VALIDATION = ("val", "valid", "validation", "dev")
CLASSES = (
    "cat", "dog", "큰 개", "кошка", "e\u0301clair", "a b", "n02123045", "<b>x", "x^{", "100%", "-x",
    "line\nbreak", "red\x1b[31m", "long" * 20, "cats", "O'Neil", "犬",
)  # fmt: skip
if os.name == "nt":
    CLASSES = tuple(name for name in CLASSES if not set(name) & set('<>:"/\\|?*\n\x1b'))
SUFFIXES = (".jpg", ".JPG", ".jpeg", ".JPEG", ".png", ".PNG", ".tif", ".bmp", ".webp", ".gif")

ANY = "read or refused"


class Folder:
    """A folder that is being written, and what is expected of it.

    expected   {class: (training and validation images, test images)}, or {class: all images}
               where the test images are drawn; None where the folder must be refused, ANY where
               both is right
    broken     how many files cannot be read
    """

    def __init__(self, top, random):
        self.top, self.random = top, random
        self.expected, self.broken, self.did = {}, 0, []
        self.places = []  # class folders
        top.mkdir()

    def build(self):
        kinds = (
            self.classes, self.splits, self.splits, self.doubled, self.around, self.train_only,
            self.tiny, self.flat, self.named, self.listed, self.anything,
        )  # fmt: skip
        self._do(self.random.choice(kinds))
        changes = (
            self.junk, self.break_file, self.break_file, self.odd_format, self.empty_class,
            self.twin, self.loop, self.name, self.shared, self.masks, self.missing_class,
        )  # fmt: skip
        if self.expected == ANY:
            return self
        for change in self.random.sample(changes, self.random.choice((0, 1, 1, 2, 3))):
            if self.places or change in (self.junk, self.name):
                self._do(change)
        return self

    def _do(self, step):
        self.did.append(step.__name__)
        step()

    # Layouts

    def classes(self, under="", names=None, part=None):
        """Class folders with images, some of them in a folder inside; adds up what is expected."""
        names = names or self.random.sample(CLASSES, self.random.choice((2, 3, 4)))
        inside = self.random.choice(("", "", "", "images", "a/b"))
        for name in names:
            count = self.random.randint(4, 7)
            place = self.top / under / name
            for number in range(count):
                deeper = inside if number % 2 or inside == "images" else ""
                self._image(place / deeper / f"{number}{self.random.choice(SUFFIXES)}")
            self.places.append(place)
            if part is None:
                self.expected[name] = count
            else:
                train, test = self.expected.get(name, (0, 0))
                self.expected[name] = (train + count * (part == 0), test + count * (part == 1))
        return names

    def splits(self, wrap=""):
        names = self.classes(f"{wrap}{self.random.choice(TRAIN)}", part=0)
        with_validation = self.random.random() < 0.3
        if with_validation:
            self.classes(f"{wrap}{self.random.choice(VALIDATION)}", names, part=0)
        if with_validation or self.random.random() < 0.7:
            self.classes(f"{wrap}{self.random.choice(TEST)}", names, part=1)
        else:  # validation images take the place of test images
            self.classes(f"{wrap}{self.random.choice(VALIDATION)}", names, part=1)

    def doubled(self):
        train, test = self.random.choice(TRAIN), self.random.choice(TEST)
        names = self.classes(f"{train}/{train}", part=0)
        self.classes(f"{test}/{test}", names, part=1)

    def around(self):
        wrap = self.random.choice(("archive/", "archive/pets/", "pets/pets/"))
        self.classes(wrap) if self.random.random() < 0.5 else self.splits(wrap)

    def train_only(self):
        self.classes(self.random.choice(TRAIN))
        if self.random.random() < 0.5:
            for number in range(3):
                self._image(self.top / self.random.choice(TEST[:4]) / f"{number}.jpg")

    def tiny(self):
        names = ("n01", "n02", "n03")
        for name in names:
            for number in range(5):
                self._image(self.top / f"train/{name}/images/{name}_{number}.JPEG")
            (self.top / f"train/{name}/{name}_boxes.txt").write_text("0\t0\t1\t1\n")
            self.places.append(self.top / "train" / name)
        rows = []
        for number in range(6):
            self._image(self.top / f"val/images/val_{number}.JPEG")
            rows.append(f"val_{number}.JPEG\t{names[number % 3]}\t0\t0\t9\t9")
        (self.top / "val/val_annotations.txt").write_text("\n".join(rows))
        self.expected = {name: (5, 2) for name in names}

    def flat(self):
        splits = self.random.choice((["train", "test"], ["Training", "testing"], ["val"], [""]))
        pattern = self.random.choice(("{}.jpg", "IMG_{}.png", "DSC{}.JPG", "img ({}).jpg"))
        for split in splits:
            for number in range(5):
                self._image(self.top / split / pattern.format(number))
        self.expected = None

    def named(self):
        pattern = self.random.choice(("{}.{}.jpg", "{}_{}.png", "{} ({}).jpg", "{}-{:04}.JPG"))
        split = self.random.choice(("train", "training_set", ""))
        for name in ("cat", "dog"):
            for number in range(5):
                self._image(self.top / split / pattern.format(name, number))
            self.expected[name] = 5

    def listed(self):
        lines = ["id,label"]
        for number in range(10):
            self._image(self.top / f"train/{number}.png")
            lines.append(f"{number},{('cat', 'dog')[number % 2]}")
        self.expected = {"cat": 5, "dog": 5}
        if self.random.random() < 0.3:
            lines.pop()
            self.expected = None
        (self.top / "trainLabels.csv").write_text("\n".join(lines))

    def anything(self):
        """Folders in folders with any names, of which nothing is known."""
        folders = [self.top]
        names = [*TRAIN, *TEST, *VALIDATION, *CLASSES, "images", "masks", "labels", "data"]
        for _ in range(self.random.randint(2, 8)):
            folders.append(self.random.choice(folders) / self.random.choice(names))
            folders[-1].mkdir(exist_ok=True)
        for _ in range(self.random.randint(0, 40)):
            name = self.random.choice(("{}.jpg", "cat.{}.png", "IMG_{}.JPG", "{}.txt", "{}"))
            path = self.random.choice(folders) / name.format(self.random.randint(0, 9))
            if not path.exists():
                self._picture().save(path, "PNG")
        self.expected = ANY

    # Changes

    def junk(self):
        places = [self.top, *self.places]
        for name in ("Thumbs.db", ".DS_Store", "_DS_Store", "._0.jpg", "notes.txt", "boxes.csv"):
            (self.random.choice(places) / name).write_bytes(b"\0\5\x16\7")
        for name in ("__MACOSX/cat", ".ipynb_checkpoints", "@eaDir"):
            folder = self.random.choice(places) / name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "x.jpg").write_bytes(b"no image")

    def break_file(self):
        place = self.random.choice(self.places) / f"broken{self.broken}.jpg"
        kinds = [self._cut, self._text, self._bomb, self._wide, self._heic, self._nowhere]
        kinds += [self._pipe, self._device] * hasattr(os, "mkfifo")
        kind = self.random.choice(kinds)
        self.did.append(kind.__name__)
        kind(place)
        self.broken += 1

    def odd_format(self):
        """One more image, stored in a way that few have."""
        place = self.random.choice(self.places) / "odd.jpg"
        image = self._picture()
        kind = self.random.choice(("WEBP", "MPO", "I;16", "F", "CMYK", "LA", "P", "1", "text"))
        self.did.append(kind)
        if kind in ("WEBP", "MPO"):
            image.save(place, kind)
        elif kind == "I;16":
            grey = np.asarray(image.convert("L")).astype(np.uint16) * 257
            grey[0, 0] = 65_535
            Image.fromarray(grey).save(place, "PNG")
        elif kind == "F":
            grey = np.asarray(image.convert("L")).astype(np.float32) / 255
            Image.fromarray(grey).save(place, "TIFF")
        elif kind == "text":
            info = PngImagePlugin.PngInfo()
            info.add_itxt("XML:com.adobe.xmp", "x" * 2**21, zip=True)
            image.save(place, "PNG", pnginfo=info)
        else:
            image.convert(kind).save(place, "TIFF" if kind == "CMYK" else "PNG")
        self._count_more(place.parent)

    def empty_class(self):
        (self.places[0].parent / "empty").mkdir(exist_ok=True)
        self.expected = None

    def twin(self):
        """A class whose name differs in case only, where the disk tells the two apart."""
        place = self.places[0]
        twin = place.with_name(place.name.swapcase())
        if not twin.exists():
            self._image(twin / "1.jpg")
            self.expected = None

    def loop(self):
        self._link(self.random.choice(("..", ".", "../..", "../../..")), "again")

    def shared(self):
        """A link from one class to the images of another."""
        if len(self.places) > 1 and self._link(self.places[1], "more"):
            self.expected = None

    def masks(self):
        """Masks beside a folder of images in a class: these are no images of the class."""
        place = self.places[0]
        if (place / "images").is_dir():
            self._image(place / "masks" / "0.png")

    def missing_class(self):
        """A class that only one of the splits has."""
        if self.expected is not None and isinstance(next(iter(self.expected.values())), tuple):
            self._image(self.places[0].with_name("only here") / "1.jpg")
            self.expected = None

    def name(self):
        content = self.random.choice(
            (b"../evil", b"/etc/evil", b"", b"\xff\xfe\0", b"a\x1b[31m\0b\nc", b"x" * 9_999, b"..",
             "내 사진".encode(), b"C:\\evil", b"<img src=x onerror=alert(1)>")
        )  # fmt: skip
        place = self.top / "name.txt"
        if hasattr(os, "mkfifo") and self.random.random() < 0.2:
            os.mkfifo(place)
        else:
            place.write_bytes(content)

    # Files

    def _picture(self):
        pixels = np.frombuffer(self.random.randbytes(9 * 9 * 3), np.uint8).reshape(9, 9, 3)
        return Image.fromarray(pixels)

    def _image(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            self._picture().save(path, {".jpg": "JPEG"}.get(path.suffix.lower()))

    def _count_more(self, place):
        if self.expected in (None, ANY):
            return
        name, split = place.name, place.parent.name
        count = self.expected[name]
        if isinstance(count, tuple):
            at_test = "test" in split.casefold() or split == "eval"
            at_test = at_test or (split in VALIDATION and not self._has_test())
            self.expected[name] = (count[0] + (not at_test), count[1] + at_test)
        else:
            self.expected[name] = count + 1

    def _has_test(self):
        return any(path.parent.name in TEST for path in self.places)

    def _link(self, target, name):
        try:
            os.symlink(target, self.places[0] / name, target_is_directory=True)
        except (OSError, NotImplementedError):
            return False
        return True

    def _cut(self, place):
        content = io.BytesIO()
        self._picture().save(content, "JPEG")
        place.write_bytes(content.getvalue()[: self.random.randint(0, 300)])

    def _text(self, place):
        place.write_text(self.random.choice(("<html>404</html>", "", "version https://git-lfs")))

    def _bomb(self, place):
        data = b"IHDR" + struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
        head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + data
        place.write_bytes(head + struct.pack(">IIII", zlib.crc32(data), 9, 9, 9))

    def _wide(self, place):
        kind = self.random.choice((np.int32, np.float32, np.uint16))
        values = np.asarray(self._picture().convert("L")).astype(kind)
        values[0, 0] = 200
        Image.fromarray(values).save(place, "TIFF")

    def _heic(self, place):
        place.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(50))

    def _nowhere(self, place):
        try:
            os.symlink("nowhere.jpg", place)
        except (OSError, NotImplementedError):
            place.write_bytes(b"")

    def _pipe(self, place):
        os.mkfifo(place)

    def _device(self, place):
        os.symlink("/dev/zero", place)
