using System.Runtime.CompilerServices;

namespace Thimble.Planning;

/// <summary>Where weights lie: packed in memory, or mapped from the file, of which the system keeps what fits and reads the rest for every token.</summary>
internal static class ResidencyChoice
{
    private const double InPlace = 0.5;        // of the packed kernels' speed, measured on Q4_0 and Q8_0 rows as files hold them
    private const double Mapping = 1.5e-6;     // of two plans that lose alike, the one in memory

    [ModuleInitializer]
    internal static void Register() => PlanChoices.Add(60, Offers);

    private static IEnumerable<Draft> Offers(Draft draft, Situation situation)
    {
        yield return draft.Because("All weights stay in memory, packed for speed.");

        double weights = draft.Plan.WeightBytes, cache = draft.Plan.Users * situation.StateBytes(draft.Plan.WeightFormat, draft.Plan.CacheFormat, draft.Plan.Context);
        double room = Math.Max(0, (0.9 * situation.Memory) - cache - 100e6), disk = situation.DiskBytesPerSecond;
        double missing = Math.Max(0, weights - room);
        if (missing > 0 && disk == 0)
            yield break;   // nobody knows what reading again would take
        Plan plan = draft.Plan with
        {
            Residency = "mapped",
            FromDisk = missing / weights,
            WeightBytes = weights - missing,
            Loss = draft.Plan.Loss + Mapping,
        };
        yield return (draft with { Plan = plan, Speed = draft.Speed * InPlace, ExtraSecondsPerToken = draft.ExtraSecondsPerToken + (missing == 0 ? 0 : missing / disk) })
            .Because(missing == 0
                ? "Weights stay as they lie in the file: that is slower, and the system may take their memory back."
                : FormattableString.Invariant($"{missing / 1e9:G3} of {weights / 1e9:G3} GB of weights do not fit and come from the disk for every token."));
    }
}
