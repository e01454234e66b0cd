"""WHERE A ROSTER COMES FROM: the native folder, OneRoster CSV, other exports through a column map.

May read files and say what is wrong with them, row by row. Turns every outside shape into the
values of
`school.model` at this border. May not judge people and relations (`school.rules` does), and
may not know of rooms, Matrix, databases or the network.
"""
