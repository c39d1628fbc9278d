"""Pursuit: the money followed while it moves. A case made on the spot, asked, traced, drafted, and again.

telling.py    what happens, as it happens: one event after the other, for the screen or as JSON
beginning.py  the case, the chain of what was typed, the loss
frontier.py   what is asked next, by how much of the loss it concerns
reached.py    off-ramps, balances that an issuer can freeze, what is still moving: as far as they are known
follow.py     `recover now`: ask, trace, tell, draft, until nothing is open or the budget is spent
lookout.py    `recover watch`: where the money rests, looked at again and again
doors.py      where a service is asked in a hurry
lastseen.py   where value went whose history nobody has answered for yet
news.py       what was found, each told once
undone.py     whether recent transactions still stand in the blocks in which they stood
ahead.py      what is known and asked next, worked out in memory between two rounds
halting.py    the first Ctrl-C is answered at once
drafting.py   stages and papers made beside the asking
ended.py      why it stopped, how much is resolved, what is open still
late.py       what is left undone where the time for all of it is over
"""
