# %% exercise 1
class BeforeTheSun:
    name = "before_the_sun"

    def decide(self, view):
        if view.tick != 5:
            return p2p.Decision()
        return p2p.Decision([p2p.TapMove("reg_b", view.taps["reg_b"] - 1, "the sun is coming")])
