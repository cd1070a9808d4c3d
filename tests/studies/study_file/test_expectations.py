"""What a study expects is checked when it is read, with the lines of the file."""


def test_expectations_are_checked_with_the_study(file_refused):
    assert file_refused(
        """
        model: a.npz
        scheme: [dense, signed-binary]
        set: {num_ms: [64, 128]}
        expect:
          - cycles_ratio >= 1
          - energy_ratio(dense, signed-binray) >= 1.9
          - cycle <= 2
          - cycles <= 2 at num_ms=256
        """
    ) == [
        "s.yaml: 3 problems",
        "s.yaml, line 6: expect.1: no scheme 'signed-binray' in the study; did you mean "
        "'signed-binary'?",
        "s.yaml, line 7: expect.2: unknown measure 'cycle'; did you mean 'cycles'?",
        "s.yaml, line 8: expect.3: no point has num_ms=256; known: 64, 128",
    ]


def test_names_are_not_checked_in_a_study_that_is_none(file_refused):
    assert file_refused(
        """
        model: a.npz
        scheme: [dense, binry]
        expect: [cycles(binary) <= 2, cycle <= 2]
        """
    ) == [
        "s.yaml: 2 problems",
        "s.yaml, line 2: scheme.1: unknown scheme 'binry'; did you mean 'binary'?",
        "s.yaml, line 3: expect.1: unknown measure 'cycle'; did you mean 'cycles'?",
    ]
