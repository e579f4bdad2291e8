/**
 * Passkeys (WebAuthn Level 3). The server speaks the JSON of that standard, in which bytes are base64url; not all browsers that we serve can read it themselves.
 */
type Json = Record<string, unknown>;

export const supported = (): boolean => typeof PublicKeyCredential === "function" && navigator.credentials !== undefined;

function bytes(text: unknown): ArrayBuffer {
  const plain = atob(String(text).replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (each) => each.charCodeAt(0)).buffer;
}

function text(buffer: ArrayBuffer): string {
  const plain = Array.from(new Uint8Array(buffer), (each) => String.fromCharCode(each)).join("");
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const ids = (list: unknown) => (Array.isArray(list) ? (list as Json[]) : []).map((each) => ({ ...each, id: bytes(each["id"]) }));

/** Answer the server's challenge with a passkey; the answer as JSON. Throws when the person or the device would not. */
export async function get(options: Json): Promise<string> {
  const asked = options["publicKey"] as Json;
  const publicKey = { ...asked, challenge: bytes(asked["challenge"]), allowCredentials: ids(asked["allowCredentials"]) } as unknown as PublicKeyCredentialRequestOptions;
  const found = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const said = found.response as AuthenticatorAssertionResponse;
  return JSON.stringify({
    ...common(found),
    response: {
      clientDataJSON: text(said.clientDataJSON),
      authenticatorData: text(said.authenticatorData),
      signature: text(said.signature),
      userHandle: said.userHandle ? text(said.userHandle) : null,
    },
  });
}

/** Make a passkey as the server asks; what it made as JSON. */
export async function create(options: Json): Promise<string> {
  const asked = options["publicKey"] as Json;
  const user = asked["user"] as Json;
  const publicKey = {
    ...asked,
    challenge: bytes(asked["challenge"]),
    user: { ...user, id: bytes(user["id"]) },
    excludeCredentials: ids(asked["excludeCredentials"]),
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const said = made.response as AuthenticatorAttestationResponse;
  return JSON.stringify({
    ...common(made),
    response: {
      clientDataJSON: text(said.clientDataJSON),
      attestationObject: text(said.attestationObject),
      transports: said.getTransports ? said.getTransports() : [],
    },
  });
}

function common(each: PublicKeyCredential): Json {
  return {
    id: each.id,
    rawId: text(each.rawId),
    type: each.type,
    authenticatorAttachment: each.authenticatorAttachment ?? null,
    clientExtensionResults: each.getClientExtensionResults(),
  };
}

/** Fetch the challenge, ask the device, send its answer; the server's answer: {to} or {detail}. Null: this is no page for it any more. */
export async function ceremony(kind: "get" | "create", address: string, token: string, fields: Record<string, string> = {}): Promise<{ to?: string; detail?: string } | null> {
  const headers = { Accept: "application/json" };
  const options = await fetch(address, { headers, cache: "no-store" });
  if (options.redirected) return null;
  const said = (await options.json()) as Json;
  if (!options.ok) return said;
  const credential = await (kind === "get" ? get(said) : create(said));
  const answer = await fetch(address, {
    method: "POST",
    headers: { ...headers, "X-CSRFToken": token },
    body: new URLSearchParams({ ...fields, credential }),
  });
  if (answer.redirected || answer.status === 403) return null;
  return (await answer.json()) as Json;
}
