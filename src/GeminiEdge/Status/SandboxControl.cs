namespace GeminiEdge.Status;

/// <summary>
/// Makes a key of the simulated Gemini of a local run fail, or work again. Only an app that runs the simulator registers one.
/// </summary>
/// <param name="action"><c>kill</c>, <c>exhaust</c>, <c>slow</c>, <c>leak</c> or <c>revive</c>.</param>
/// <param name="key">The key.</param>
/// <returns>Whether the simulator knows both.</returns>
public delegate bool SandboxControl(string action, string key);
