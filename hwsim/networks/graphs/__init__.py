"""What front ends share: operations of any rank as layers, and calls of them put together."""
