"""When packets leave, by hand: one port, of two folds and rows of three columns."""

from hwsim.engines.stonne.maeri.timing.streams import Streams


def one_port(weights):
    # all activations come with the first column of a row; two rows are an iteration
    iteration = [2 * weights + 2 * 4]
    return Streams(2, 3, [weights], [2], [0], [4], iteration, offsets=[[]], starts=[[]])


def test_a_port_without_new_columns_waits_for_the_next_row():
    streams = one_port(weights=1)
    streams.begin(5, idle=True)
    assert [streams.sent(0, packet) for packet in range(6)] == [5, 6, 7, 8, 9, 10]
    # two steps of weights and six of the first row are queued before the second row
    assert [streams.sent(0, packet) for packet in range(6, 10)] == [13, 14, 15, 16]


def test_a_port_without_weights_waits_for_their_steps():
    streams = one_port(weights=0)
    streams.begin(5, idle=True)
    assert [streams.sent(0, packet) for packet in (0, 1)] == [7, 8]


def test_an_iteration_delays_a_port_that_has_nothing_left():
    streams = one_port(weights=1)
    streams.begin(5, idle=True)
    streams.begin(15, idle=False)  # when its packets would leave anyway
    assert (streams.starts, streams.offsets) == ([[0]], [[5]])
    streams.begin(26, idle=False)
    assert (streams.starts, streams.offsets) == ([[0, 20]], [[5, 6]])
