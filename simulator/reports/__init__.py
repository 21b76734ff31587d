"""Reports: what a run of scenarios came to, as one value (model.py) and as the files people and machines read.

`write.py` writes them all: a page (page.py), JUnit XML (junit.py), a summary in Markdown (markdown.py) and JSON
(document.py). They read the value and nothing else, so whatever plays may use them.

Not here: playing and watching it (scenarios).
"""
