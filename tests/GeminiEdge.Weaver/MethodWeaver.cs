using Mono.Cecil;
using Mono.Cecil.Cil;

namespace GeminiEdge.Weaver;

/// <summary>
/// Puts a point before everything in a method that another thread could see or change: fields that are not read-only, elements of
/// arrays, collections, <c>Interlocked</c> and <c>Volatile</c>. Locks and new threads become the scheduler's.
/// </summary>
internal sealed class MethodWeaver(MethodBody body, PointMethods points)
{
    private readonly ILProcessor _il = body.GetILProcessor();

    /// <returns>How many points were put in.</returns>
    public int Weave()
    {
        var count = 0;
        foreach (var instruction in body.Instructions.ToArray())
        {
            if (instruction.Operand is MethodReference method && instruction.OpCode.FlowControl == FlowControl.Call && points.InPlaceOf(method) is { } own)
            {
                (instruction.OpCode, instruction.Operand) = (OpCodes.Call, own);
            }
            else if (Shared(instruction) is { } what)
            {
                PutBefore(First(instruction), $"{Outer(body.Method)}: {what}");
                count++;
            }
        }

        return count;
    }

    /// <summary>What others may see or change; null for nothing.</summary>
    private static string? Shared(Instruction instruction) => instruction switch
    {
        { Operand: FieldReference field } when instruction.OpCode.Code is Code.Ldfld or Code.Ldflda or Code.Stfld or Code.Ldsfld or Code.Ldsflda or Code.Stsfld =>
            IsShared(field) ? $"{(instruction.OpCode.Code is Code.Stfld or Code.Stsfld ? "writes" : "reads")} {field.Name}" : null,
        { Operand: MethodReference method } when instruction.OpCode.FlowControl == FlowControl.Call => method.DeclaringType.GetElementType().FullName switch
        {
            "System.Threading.Interlocked" or "System.Threading.Volatile"
                or "System.Collections.Generic.Dictionary`2" or "System.Collections.Generic.List`1" or "System.Collections.Generic.HashSet`1"
                or "System.Threading.CancellationTokenSource" => $"{method.DeclaringType.Name}.{method.Name}",
            _ => null,
        },
        _ => instruction.OpCode.Name.StartsWith("ldelem", StringComparison.Ordinal) ? "reads an element"
            : instruction.OpCode.Name.StartsWith("stelem", StringComparison.Ordinal) || instruction.OpCode.Name.StartsWith("stind", StringComparison.Ordinal) ? "writes an element"
            : null,
    };

    // Of what the compiler made itself, captured variables and places in async methods are a thread's own, and constructor parameters never change.
    private static bool IsShared(FieldReference field) =>
        field.Resolve() is { IsInitOnly: false, HasConstant: false } definition && !definition.DeclaringType.Name.StartsWith('<') && !definition.DeclaringType.IsValueType && !definition.Name.EndsWith(">P", StringComparison.Ordinal);

    // A prefix, as of a volatile read, belongs to what follows it.
    private static Instruction First(Instruction instruction) =>
        instruction.Previous is { OpCode.OpCodeType: OpCodeType.Prefix } prefix ? First(prefix) : instruction;

    // The instruction itself becomes the point: whoever jumps to it comes by.
    private void PutBefore(Instruction instruction, string where)
    {
        var moved = _il.Create(OpCodes.Nop);
        (moved.OpCode, moved.Operand) = (instruction.OpCode, instruction.Operand);
        (instruction.OpCode, instruction.Operand) = (OpCodes.Ldstr, where);
        var at = _il.Create(OpCodes.Call, points.At);
        _il.InsertAfter(instruction, at);
        _il.InsertAfter(at, moved);
    }

    private static string Outer(MethodDefinition method)
    {
        var type = method.DeclaringType;
        var name = method.Name;
        while (type.Name.StartsWith('<') && type.DeclaringType is { } outer)
        {
            // The method that an async method or a lambda was written in stands in its name.
            name = type.Name.IndexOf('>') is > 1 and var end ? type.Name[1..end] : name;
            type = outer;
        }

        return $"{type.Name}.{name}";
    }
}
