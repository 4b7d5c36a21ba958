package dev.millrace.gguf;

/// The tensors of a file, or of all files of a split model, taken together. *Immutable.*
///
/// @param tensors how many there are
/// @param numbers how many numbers they hold
/// @param bytes they take, without padding
/// @param mainType how most of the numbers are stored; empty if there are none
/// @param blocks layers they belong to, by their names
/// @param attention whether any of them belongs to attention
public record GgufWeights(int tensors, long numbers, long bytes, String mainType, int blocks, boolean attention) {
    GgufWeights plus(GgufWeights other) {
        return new GgufWeights(
                tensors + other.tensors,
                numbers + other.numbers,
                bytes + other.bytes,
                other.numbers > numbers ? other.mainType : mainType,
                Math.max(blocks, other.blocks),
                attention || other.attention);
    }
}
