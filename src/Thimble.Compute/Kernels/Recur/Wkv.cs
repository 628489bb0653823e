using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>One token and head of RWKV 5 and 6: <c>y = Σᵢ rᵢ · (Sᵢ + uᵢ·kᵢ·v)</c>, then <c>Sᵢ = wᵢ·Sᵢ + kᵢ·v</c>.</summary>
/// <remarks>Source: Peng et al., "Eagle and Finch: RWKV with Matrix-Valued States and Dynamic Recurrence", 2024, eq. 15-16.</remarks>
/// <param name="state">S, shape [keys, values].</param>
/// <param name="receptance">r, shape [keys].</param>
/// <param name="key">k, shape [keys].</param>
/// <param name="value">v, shape [values].</param>
/// <param name="decay">w in (0, 1), shape [keys].</param>
/// <param name="bonus">u, shape [keys].</param>
/// <param name="y">Receives the outcome, shape [values].</param>
internal readonly ref struct Wkv5(
    Span<float> state, ReadOnlySpan<float> receptance, ReadOnlySpan<float> key, ReadOnlySpan<float> value,
    ReadOnlySpan<float> decay, ReadOnlySpan<float> bonus, Span<float> y) : IKernel
{
    private readonly Span<float> _state = state, _y = y;
    private readonly ReadOnlySpan<float> _r = receptance, _k = key, _v = value, _w = decay, _u = bonus;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        _y.Clear();
        for (int i = 0; i < _k.Length; i++)
        {
            Span<float> row = _state.Slice(i * _v.Length, _v.Length);
            int j = 0;
            for (; j <= _v.Length - TLane.Count; j += TLane.Count)
                Step<TLane>(i, in _v[j], ref row[j], ref _y[j]);
            for (; j < _v.Length; j++)
                Step<Scalar>(i, in _v[j], ref row[j], ref _y[j]);
        }
    }

    private void Step<TLane>(int i, ref readonly float value, ref float state, ref float y)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane s = TLane.Load(in state), kv = TLane.Load(in value) * TLane.Fill(_k[i]);
        TLane seen = TLane.MultiplyAdd(TLane.Fill(_u[i]), kv, s);
        TLane.Store(TLane.MultiplyAdd(TLane.Fill(_r[i]), seen, TLane.Load(in y)), ref y);
        TLane.Store(TLane.MultiplyAdd(TLane.Fill(_w[i]), s, kv), ref state);
    }
}

/// <summary>One token and head of RWKV 7: <c>Sᵢ = w⊙Sᵢ − (Sᵢ·κ)·(κ⊙a) + vᵢ·k</c>, then <c>yᵢ = Sᵢ·r</c>.</summary>
/// <remarks>Source: Peng et al., "RWKV-7 Goose with Expressive Dynamic State Evolution", 2025, eq. 17-18.</remarks>
/// <param name="state">S, shape [values, keys].</param>
/// <param name="receptance">r, shape [keys].</param>
/// <param name="decay">w in (0, 1), shape [keys].</param>
/// <param name="key">k, shape [keys].</param>
/// <param name="value">v, shape [values].</param>
/// <param name="removal">κ, of length 1, shape [keys].</param>
/// <param name="rate">κ ⊙ a, shape [keys].</param>
/// <param name="y">Receives the outcome, shape [values].</param>
internal readonly ref struct Wkv7(
    Span<float> state, ReadOnlySpan<float> receptance, ReadOnlySpan<float> decay, ReadOnlySpan<float> key,
    ReadOnlySpan<float> value, ReadOnlySpan<float> removal, ReadOnlySpan<float> rate, Span<float> y) : IKernel
{
    private readonly Span<float> _state = state, _y = y;
    private readonly ReadOnlySpan<float> _r = receptance, _w = decay, _k = key, _v = value, _removal = removal, _rate = rate;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        int keys = _k.Length, whole = keys - (keys % TLane.Count);
        for (int i = 0; i < _v.Length; i++)
        {
            Span<float> row = _state.Slice(i * keys, keys);
            var sums = TLane.Fill(0);
            for (int j = 0; j < whole; j += TLane.Count)
                sums = TLane.MultiplyAdd(TLane.Load(in row[j]), TLane.Load(in _removal[j]), sums);
            float removed = TLane.Sum(sums);
            for (int j = whole; j < keys; j++)
                removed += row[j] * _removal[j];

            sums = TLane.Fill(0);
            for (int j = 0; j < whole; j += TLane.Count)
            {
                TLane s = Step<TLane>(i, j, row, removed);
                sums = TLane.MultiplyAdd(s, TLane.Load(in _r[j]), sums);
            }

            float y = TLane.Sum(sums);
            for (int j = whole; j < keys; j++)
                y += Scalar.Sum(Step<Scalar>(i, j, row, removed)) * _r[j];
            _y[i] = y;
        }
    }

    private TLane Step<TLane>(int i, int j, Span<float> row, float removed)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane s = TLane.Load(in row[j]) * TLane.Load(in _w[j]);
        s = TLane.MultiplyAdd(TLane.Fill(-removed), TLane.Load(in _rate[j]), s);
        s = TLane.MultiplyAdd(TLane.Fill(_v[i]), TLane.Load(in _k[j]), s);
        TLane.Store(s, ref row[j]);
        return s;
    }
}
