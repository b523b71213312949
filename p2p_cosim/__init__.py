"""p2p_cosim: peer-to-peer energy markets on a distribution feeder, in one seeded process."""
