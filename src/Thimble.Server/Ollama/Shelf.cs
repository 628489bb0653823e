using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Thimble.Library;
using Thimble.Server.Http;

namespace Thimble.Server.Ollama;

/// <summary>Where Ollama's routes find models.</summary>
internal static class Shelf
{
    private const string Latest = ":latest";

    public static ModelHost Host(Exchange exchange) => exchange.Serving.Models;

    /// <summary>The shelf that models are pulled to and made on; an application may say from where, by <see cref="HubOptions"/> among its services.</summary>
    public static ModelShelf Of(Exchange exchange) => new(Host(exchange).Folder, exchange.Context.RequestServices.GetService<HubOptions>());

    /// <summary>The disk is full.</summary>
    public static Rejection NoRoom(CapacityException full) => new(StatusCodes.Status507InsufficientStorage, Rejection.Internal, full.Message);

    /// <summary>A name without the tag that needs no saying.</summary>
    public static string Plain(string name) => name.EndsWith(Latest, StringComparison.OrdinalIgnoreCase) ? name[..^Latest.Length] : name;

    /// <summary>A name as Ollama writes it: always with a tag.</summary>
    public static string Tagged(string name) => name.LastIndexOf(':') > name.LastIndexOf('/') ? name : name + Latest;
}
