# %% exercise 1
class TakeAnyPrice:
    def quote(self, view, rng):
        side = p2p.Side.BID if view.forecast_wh > 0 else p2p.Side.ASK
        tariff = view.tariff
        price = tariff.retail_wei_per_wh if side is p2p.Side.BID else tariff.feed_in_wei_per_wh
        energy_wh = abs(view.forecast_wh)
        return [p2p.Order(view.trader, side, energy_wh, price)] if energy_wh else []


# %% exercise 2
class DayBefore:
    def expect(self, view):
        day = 86400 // view.interval_s

        def held(past_kw):
            if len(past_kw) == 0:
                return np.zeros(view.horizon)
            wanted = len(past_kw) - day + np.arange(view.horizon)
            known = (wanted >= 0) & (wanted < len(past_kw))
            return np.where(known, past_kw[np.where(known, wanted, 0)], past_kw[-1])

        return p2p.Expected(held(view.past_load_kw), held(view.past_pv_kw))
