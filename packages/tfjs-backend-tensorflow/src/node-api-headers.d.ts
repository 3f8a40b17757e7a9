// The package has no types: Node.js' own C headers, in a folder.
declare module 'node-api-headers' {
  const headers: { readonly include_dir: string };
  export default headers;
}
