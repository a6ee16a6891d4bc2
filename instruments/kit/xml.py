"""XML as samplers write it: small helpers over the standard library."""

from xml.etree import ElementTree


def element(
    parent: ElementTree.Element, tag: str, text: object = None, **attributes: object
) -> ElementTree.Element:
    """Append an element with text and attributes, and return it."""
    child = ElementTree.SubElement(parent, tag, {k: str(v) for k, v in attributes.items()})
    if text is not None:
        child.text = str(text)
    return child


def to_text(root: ElementTree.Element) -> str:
    """Return the document, indented."""
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'
