"""Figures of outside loan engines and calendars, beside what our own arithmetic says.

`make cases` runs it. `reading` reads the file, `inputs` and `sources` find what a row is about,
`rules` answers by the functions of `app.domain`, and `checking` compares. Whoever answers sees a
`Question`, which does not hold the expected figure.
"""
