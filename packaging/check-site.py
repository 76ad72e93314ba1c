#!/usr/bin/env python3
"""Checks that each relative link and image of an HTML site leads to a file, and each fragment to an id.

    check-site.py DIR
"""

import os
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urlsplit


class Page(HTMLParser):
    """The ids of a page, and its links."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id":
                self.ids.add(value)
            elif (tag, name) in {("a", "href"), ("img", "src"), ("link", "href"), ("script", "src")}:
                self.links.append(value or "")


def main():
    site = sys.argv[1]
    pages = {}
    for folder, _, names in os.walk(site):
        for name in names:
            # print.html has all pages as one; 404.html is made for the root of a server.
            if name.endswith(".html") and name not in ("print.html", "404.html"):
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as file:
                    pages[os.path.normpath(path)] = Page(file.read())
    wrong, seen = [], 0
    for path, page in sorted(pages.items()):
        for link in page.links:
            address, fragment = urldefrag(link)
            if urlsplit(address).scheme or address.startswith("//") or address.endswith("print.html"):
                continue
            seen += 1
            target = os.path.normpath(os.path.join(os.path.dirname(path), unquote(address))) if address else path
            known = fragment == "" or target not in pages or unquote(fragment) in pages[target].ids
            if not os.path.exists(target) or not known:
                wrong.append(f"{path}: {link}")
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{len(pages)} pages, {seen} links, {len(wrong)} wrong")
    sys.exit(1 if wrong or not pages else 0)


main()
