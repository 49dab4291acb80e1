"""SQuAD translated into a branch's language; markers carry each answer across (Section 4.1)."""
