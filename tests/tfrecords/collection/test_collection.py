import pytest

from drumsmith.tfrecords.collection.collection import CollectionError, RowFilter, read_collection


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "drums"
    for name in (
        *("kick/a.wav", "kick/deep/b.FLAC", "snare/c.mp3", "snare/notes.txt"),
        *("stray.wav", "readme.md", "kick/._a.wav", ".trash/d.wav"),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")
    return root


def csv_of(folder, text, encoding="utf-8"):
    path = folder / "list.csv"
    path.write_text(text, encoding)
    return path


def test_the_first_sub_folder_is_the_label(folder):
    found = read_collection(folder)
    labels = {sound.path: sound.label for sound in found.sounds}
    assert labels == {"kick/a.wav": "kick", "kick/deep/b.FLAC": "kick", "snare/c.mp3": "snare"}


def test_what_is_no_sound_is_named_and_hidden_files_are_not(folder):
    skipped = {item.path: item.reason for item in read_collection(folder).skipped}
    assert skipped == {
        "snare/notes.txt": "is not audio",
        "stray.wav": "lies in no label's sub-folder",
    }


def test_a_folder_that_links_to_itself_is_walked_once(folder):
    (folder / "kick" / "again").symlink_to(folder / "kick")
    found = read_collection(folder)
    assert len(found.sounds) == 3
    assert ("kick/again", "is a link to a folder that is read already") in [
        (item.path, item.reason) for item in found.skipped
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_as_spreadsheets_write_it(folder, encoding, separator):
    text = "path,label,extra\r\nkick/a.wav,boom,1\r\nsnare/c.mp3,crack,2\r\n"
    found = read_collection(csv_of(folder, text.replace(",", separator), encoding))
    assert [(s.path, s.label) for s in found.sounds] == [
        ("kick/a.wav", "boom"),
        ("snare/c.mp3", "crack"),
    ]


def test_where_takes_rows_and_group_is_kept(folder):
    text = "path,label,free,machine\nkick/a.wav,k,yes,808\nsnare/c.mp3,s,no,909\n"
    found = read_collection(
        csv_of(folder, text), rows=RowFilter({"free": ["yes"]}), group="machine"
    )
    assert [(s.label, s.group) for s in found.sounds] == [("k", "808")]


def test_where_with_several_columns_is_and_with_several_values_or(folder):
    text = "path,label,a,b\nkick/a.wav,k,1,x\nkick/deep/b.FLAC,k,2,x\nsnare/c.mp3,s,1,y\n"
    found = read_collection(csv_of(folder, text), rows=RowFilter({"a": ["1", "2"], "b": ["x"]}))
    assert [s.path for s in found.sounds] == ["kick/a.wav", "kick/deep/b.FLAC"]


def test_where_not_leaves_rows_out_and_values_may_be_patterns(folder):
    rows = ["path,label,note", "kick/a.wav,k,GPL-2", "kick/deep/b.FLAC,k,GPL-2 or MIT"]
    text = "\n".join([*rows, "snare/c.mp3,s,CC0 x\n"])
    wanted = RowFilter({"note": ["*MIT", "CC0*"]}, {"label": ["s"]})
    assert [s.path for s in read_collection(csv_of(folder, text), rows=wanted).sounds] == [
        "kick/deep/b.FLAC"
    ]


def test_rows_that_cannot_be_used_are_named(folder):
    text = "path,label\nkick/a.wav,k\nkick/a.wav,k\nkick/a.wav,s\nnone.wav,k\nsnare/c.mp3,\n"
    found = read_collection(csv_of(folder, text))
    assert [s.path for s in found.sounds] == ["kick/a.wav"]
    assert [(item.path, item.reason) for item in found.skipped] == [
        ("kick/a.wav", "is listed before with the label k"),
        ("none.wav", "is not there"),
        ("snare/c.mp3", "has no label"),
    ]


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("file,label\n", {}, "no column 'path'; its columns are: file, label"),
        ("", {}, "no column 'path'; its columns are: none"),
        ("path,label\n", {}, "has no sounds"),
        ("path,label\nkick/a.wav,k\n", {"group": "kit"}, "no column 'kit'"),
        (
            "path,label\nkick/a.wav,k\n",
            {"rows": RowFilter({"label": ["s"]})},
            "no sounds with label=s",
        ),
        ("path,label\nnone.wav,k\n", {}, "none.wav, is not there"),
    ],
)
def test_a_csv_that_cannot_be_used_is_told_in_one_line(folder, text, options, words):
    with pytest.raises(CollectionError, match=words) as caught:
        read_collection(csv_of(folder, text), **options)
    assert "\n" not in str(caught.value)


def test_a_csv_that_is_no_text_is_told(folder):
    (folder / "list.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CollectionError, match="has no column 'path'"):
        read_collection(folder / "list.csv")


def test_a_missing_or_empty_collection_is_told(tmp_path):
    with pytest.raises(CollectionError, match="no folder or CSV"):
        read_collection(tmp_path / "none")
    with pytest.raises(CollectionError, match="one sub-folder per label"):
        read_collection(tmp_path)


def test_columns_of_a_folder_are_refused_with_a_hint(folder):
    (folder / "manifest.csv").write_text("path,label\n")
    with pytest.raises(CollectionError, match=r"give .*manifest\.csv instead"):
        read_collection(folder, group="machine")
