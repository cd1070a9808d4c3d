"""The drawings of the pages, as SVG, from hwsim's own engines.

``python -m docs.drawings`` writes them anew; a test keeps the files equal to what is drawn.
"""
