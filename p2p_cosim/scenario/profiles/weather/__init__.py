"""One weather for all houses of a scenario: days with a memory, clouds within them, temperature.

days.py     how cloudy and how warm each day of the calendar is
sky.py      the clearness of the sky within the day, over every house
air.py      the temperature within the day
series.py   all of it for the days of a run, on cells of five minutes
"""

from p2p_cosim.scenario.profiles.weather.series import Climate, Weather, weather_of

__all__ = ["Climate", "Weather", "weather_of"]
