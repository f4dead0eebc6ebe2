#!/usr/bin/env python3
"""Puts device files together into one.

Rows stay as they are written, quotes included. Files may be UTF-8, UTF-16 or in the code page Windows-1252; the merged file
is UTF-8 with one heading. Empty lines and repeated headings are left out. If the files have different headings, nothing is
written: rows under the wrong heading would be other devices.

    python3 merge.py --output merged.csv captures/
    python3 merge.py --output merged.csv first.csv second.csv
"""

import argparse
import re
import sys
from pathlib import Path


class Refused(Exception):
    """Why nothing is merged."""


def read_text(file):
    data = file.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    # UTF-16 that lost its mark: headings are plain letters, so every second byte is zero.
    if data[1:2] == b"\0" and data[3:4] == b"\0":
        return data.decode("utf-16-le")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def heading_of(line):
    """A heading means the same with quotes around its names and without."""
    return line.strip().replace('"', "")


def files_of(paths, output):
    """The files, those of folders by name; never the merged one, so that the script can be run again."""
    files = []
    for path in paths:
        if path.is_dir():
            files += sorted(file for file in path.iterdir() if file.suffix.lower() == ".csv" and file.is_file())
        elif path.is_file():
            files.append(path)
        else:
            raise Refused(f"There is no file or folder {path}.")
    files = [file for file in files if file.resolve() != output.resolve()]
    if not files:
        raise Refused("There is no CSV file to merge.")
    return files


def merge(files):
    heading, heading_from, lines, rows = None, None, [], 0
    for file in files:
        own = None
        for line in re.split("\r\n|\r|\n", read_text(file)):
            if not line.strip(" \t,;"):
                continue
            if own is None:
                if re.fullmatch("(?i)sep=.", line):
                    continue
                own = heading_of(line)
                if heading is None:
                    heading, heading_from = own, file.name
                    lines.append(line)
                elif own != heading:
                    raise Refused(
                        f"The headings differ, so nothing was merged. {heading_from} has '{heading}', {file.name} has "
                        f"'{own}'. Merge files of one kind, or upload them all at once: each is then read by its own "
                        "heading."
                    )
                continue
            if heading_of(line) == heading:
                continue
            lines.append(line)
            rows += 1
    if heading is None:
        raise Refused("All files are empty; nothing was merged.")
    return lines, rows


def main():
    parser = argparse.ArgumentParser(description="Puts device files together into one.")
    parser.add_argument("paths", nargs="*", type=Path, default=[Path(".")], help="files, or folders of *.csv files")
    parser.add_argument("--output", type=Path, default=Path("merged.csv"), help="the merged file")
    wanted = parser.parse_args()
    try:
        files = files_of(wanted.paths, wanted.output)
        lines, rows = merge(files)
        wanted.output.write_bytes(("\r\n".join(lines) + "\r\n").encode("utf-8"))
    except (Refused, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{rows} rows of {len(files)} files were merged into {wanted.output}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
