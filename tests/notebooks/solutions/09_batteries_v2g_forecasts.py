# %% exercise 1
cells = stored.devices.query("kind == 'battery'")
last_tick = cells["tick"].max()
held_kwh = cells[cells["tick"] == last_tick]["stored_wh"].sum() / 1000
begun_kwh = 10 * 0.2 * 8.0
lost_kwh = cells["p_kw"].sum() - (held_kwh - begun_kwh)


# %% exercise 2
class OutOfTheWindow:
    def expect(self, view):
        def held(past_kw):
            return np.full(view.horizon, past_kw[-1] if len(past_kw) else 0.0)

        step_h = view.interval_s / 3600
        hours = (view.time.hour + view.time.minute / 60 + np.arange(view.horizon) * step_h) % 24
        dark = (hours >= 20) | (hours < 5)
        return p2p.Expected(held(view.past_load_kw), np.where(dark, 0.0, held(view.past_pv_kw)))
