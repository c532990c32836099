"""Learning a point card from outcomes, and saying honestly what it is worth.

The way of a file: `table` reads it, `columns` finds out what each column holds, `evidence` says who succeeded and
sorts out `leaks` and what says nothing, `bins`, `learning` and `crossing` find the points, `rounding` makes a
`card` of whole numbers of them, `calibrate` tries all that on rows held out (beside `rivals`, and for `drift`),
`report` and `proposal` write it down. Needs the extra `learn`.
"""
