"""Makes journeys by hand on the display it finds: their names come line by line."""

from tests.journeys.by_hand.journeys import JOURNEYS
from tests.journeys.by_hand.stage import serve

serve(JOURNEYS)
