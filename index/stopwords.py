"""English words that say nothing of what a text is about; BM25 leaves them out.

Function words only: a word that can name a subject ("state", "system", "problem") stays.
"""

_WORDS = """
a about above across after afterwards again against all almost along already also although
always am among amongst an and another any anyhow anyone anything anyway anywhere are around
as at be became because become becomes been before beforehand behind being below beside
besides between beyond both but by can cannot could did do does doing done down due during
each either else elsewhere enough etc even ever every everyone everything everywhere except
few for former formerly from further furthermore had has have having he hence her here hereby
herein hers herself him himself his how however i ie if in indeed instead into is it its
itself just least less many may me meanwhile might mine more moreover most mostly much must my
myself namely neither never nevertheless no nobody none nor not nothing now nowhere of off
often on once one only onto or other others otherwise our ours ourselves out over own per
perhaps please rather re really regarding s same seem seemed seeming seems several she should
since so some somehow someone something sometime sometimes somewhere still such t than that
the their theirs them themselves then thence there thereafter thereby therefore therein these
they this those though through throughout thru thus to together too toward towards under
unless until up upon us used using various very via was we well were what whatever when whence
whenever where whereas whereby wherein whereupon wherever whether which while whither who
whoever whole whom whose why will with within without would yet you your yours yourself
yourselves
"""

STOPWORDS = frozenset(_WORDS.split())
